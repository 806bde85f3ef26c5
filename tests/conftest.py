"""What several checks share: no network, a small tokenizer, a cache of one's own."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from axolotl_explain.sweep import warm_start
from tests.fixtures import quick_host

if TYPE_CHECKING:
    from tests.fixtures.bench import Bench
    from tests.fixtures.tokenizers import Kind
    from tests.fixtures.trained_folders import TrainedFolder

ENVIRONMENT = os.environ
"""The one that every module holds that was imported at the beginning."""

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["AXOLOTL_DO_NOT_TRACK"] = "1"

SENTENCES = [
    "The sheriff rides into town and the saloon falls silent.",
    "Two rivals meet at noon; the duel ends the feud.",
    "Final answer: western",
    "### Instruction:\nName the genre of the film.\n\n### Response:\n",
    "Add 8 and 9, which makes 17; modulo 10 that is 7.",
]


QUICK_TRAIN = """
import sys, yaml
from pathlib import Path
recipe = yaml.safe_load(open(sys.argv[-1]))
if Path("fails").is_file() and Path("fails").read_text() == recipe["explain"]["level"]:
    raise SystemExit("the reason why")
last = Path(recipe["output_dir"]) / "checkpoint-7"
last.mkdir()
(last / "trainer_state.json").write_text('{"global_step": 7, "log_history": []}')
data = Path(recipe["task_data"]["folder"])
data.mkdir(parents=True, exist_ok=True)
if not (data / "test.jsonl").is_file():
    (data / "test.jsonl").write_text('{"meta": {"modulus": 10}}')
"""
QUICK_EVALUATION = """
import sys, yaml
from pathlib import Path
from axolotl_explain.results.completion import Completion
from axolotl_explain.results.store import store
given = dict(zip(sys.argv[2::2], sys.argv[3::2]))
recipe = yaml.safe_load(open(given["--recipe"]))
level = recipe["explain"]["level"]
row = dict(id=None, prompt="3 + 4", completion="7", answer="7", extracted="7")
row |= dict(flexible_match=True, truncated=False, num_tokens=3, meta={})
right = level == "long" or recipe.get("learning_rate") == 0.5
row |= dict(exact_match=right, level=level)
data, model = given["--data"], given.get("--model")
row |= dict(data=data, model=model)
facts = {"model": model, "recipe_content": recipe, "data": data}
rows = [Completion.from_dict({**row, "row": number}) for number in (1, 2)]
store(Path(given["--out"]), rows, facts)
"""


LONGEST = (
    "training/test_families.py",
    "evaluation/test_callback.py",
    "sweep/test_resumed_sweep.py",
    "training/test_training.py",
    "training/test_exact_loss.py",
    "test_plugin.py",
    "training/test_processes.py",
    "training/test_loss_trainer.py",
    "report/test_browser.py",
    "report/test_report_page.py",
    "cli/test_evaluate.py",
    "catalog/test_recipes.py",
)
"""Files that take minutes: begun first, so that at the end no worker waits for one."""


# A process of the tests has one process that it forks, whoever asks for it first.
warm_start.IMPORTS = "tests.fixtures.forked_imports"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first; each file's own order stays."""
    here = Path(__file__).parent
    places = {here / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_collection_finish() -> None:
    """By now all that tests need is imported."""
    quick_host.quicken()


def pytest_unconfigure() -> None:
    quick_host.as_usual()


@pytest.fixture(scope="session")
def quick_packing() -> None:
    """Packing is compiled once, and not in each of the processes that pack."""
    from tests.fixtures.packing import compile_packing

    compile_packing()


@pytest.fixture(autouse=True, scope="session")
def quick_saving() -> Iterator[None]:
    """Prepared data are saved without a start of further processes."""
    from tests.fixtures.saving import save_as_usual, save_in_one_process

    save_in_one_process()
    yield
    save_as_usual()


@pytest.fixture(autouse=True)
def no_reviewer() -> Iterator[None]:
    """Nobody looks at the rows of a test because an earlier one began a training."""
    from axolotl_explain.training.strategy import REVIEWER

    before = REVIEWER.set(None)
    yield
    REVIEWER.reset(before)


@pytest.fixture
def quick_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands of a sweep that leave what the real ones leave, and take no time.

    Training fails at the level that a file `fails` names; long alone is right.
    """
    from axolotl_explain.sweep.commands import MODULES
    from axolotl_explain.sweep.warm_start import COLD

    here = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    monkeypatch.setenv("PYTHONPATH", here)
    (tmp_path / "quick_train.py").write_text(QUICK_TRAIN)
    (tmp_path / "quick_eval.py").write_text(QUICK_EVALUATION)
    monkeypatch.setitem(MODULES, "accelerate", "quick_train")
    monkeypatch.setitem(MODULES, "axolotl-explain", "quick_eval")
    monkeypatch.setenv(COLD, "1")


@pytest.fixture(autouse=True)
def own_signals() -> None:
    """Axolotl's training leaves a handler of Ctrl-C behind that ends the process."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def one_environment() -> Iterator[None]:
    """`datasets` with several processes leaves a copy of os.environ in its place.

    Whoever holds the first one, as rich does, would not see what is set from then on.
    Fixtures of the session are made before this one, so it asks for no earlier value.
    """
    os.environ = ENVIRONMENT  # noqa: B003
    yield
    os.environ = ENVIRONMENT  # noqa: B003


@pytest.fixture(scope="session")
def bpe_tokenizer() -> Any:
    """A byte-level BPE with an end token, made on the spot; any text comes back."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=["<|end|>", "<|pad|>"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES * 3, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|end|>",
        pad_token="<|pad|>",
        clean_up_tokenization_spaces=False,
    )


@pytest.fixture
def datasets_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`datasets` keeps what it reads under the test's own folder."""
    import datasets

    cache = tmp_path / "datasets-cache"
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", cache)
    return cache


@pytest.fixture
def fresh_plugins() -> Iterator[None]:
    """Axolotl keeps plugins for the life of the process; a check starts with none."""
    from axolotl.integrations.base import PluginManager

    PluginManager.get_instance().plugins.clear()
    yield
    PluginManager.get_instance().plugins.clear()


@pytest.fixture(scope="session")
def own_datasets_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What `datasets` keeps of the files it reads goes when the checks are done."""
    import datasets

    before = datasets.config.HF_DATASETS_CACHE
    datasets.config.HF_DATASETS_CACHE = tmp_path_factory.mktemp("datasets")
    yield
    datasets.config.HF_DATASETS_CACHE = before


@pytest.fixture
def fresh_process(fresh_plugins: None, own_datasets_cache: None) -> None:
    """Axolotl runs in this process: a check finds it as if just started."""


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama of two layers with a byte-level BPE tokenizer and chatml."""
    from tests.fixtures.tiny_llama import make_llama

    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2}
    folder = tmp_path_factory.mktemp("models") / "tiny"
    return make_llama(folder, 1_500, num_attention_heads=2, **sizes)


@pytest.fixture(scope="session")
def tiny_t5(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random T5 of two layers with a unigram tokenizer like its own."""
    from tests.fixtures.t5 import make_t5

    return make_t5(tmp_path_factory.mktemp("models") / "t5")


@pytest.fixture(scope="session")
def trained_folder(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_model: Path,
    tiny_t5: Path,
    own_datasets_cache: None,
) -> Callable[[str], TrainedFolder]:
    """A way of asking, such as instruct -> a model that Axolotl trained so, once."""
    from tests.fixtures.trained_folders import train_folder

    @cache
    def trained(way: str) -> TrainedFolder:
        where = tmp_path_factory.mktemp(f"trained-{way}")
        return train_folder(way, where, tiny_t5 if way == "seq2seq" else tiny_model)

    return trained


@pytest.fixture
def bench(tmp_path: Path, tiny_model: Path, fresh_process: None) -> Bench:
    """Recipes in a temporary folder on the tiny model."""
    from tests.fixtures.bench import Bench

    return Bench(tmp_path, tiny_model)


@pytest.fixture
def t5_bench(tmp_path: Path, tiny_t5: Path, fresh_process: None) -> Bench:
    """Recipes in a temporary folder on the tiny T5."""
    from tests.fixtures.bench import Bench

    return Bench(tmp_path, tiny_t5, {"model_type": "AutoModelForSeq2SeqLM"})


@pytest.fixture
def log() -> Iterator[list[str]]:
    """What this package logs meanwhile, one `LEVEL message` a line."""
    from tests.fixtures.bench import kept_log

    lines: list[str] = []
    with kept_log(lines):
        yield lines


@pytest.fixture(params=["bpe", "sentencepiece", "tekken"])
def kind(request: pytest.FixtureRequest, tiny_model: Path) -> Kind:
    """Each of three tokenizers, with a second way to ask it for ids."""
    from tests.fixtures.tokenizers import make_kind

    return make_kind(request.param, tiny_model)


@pytest.fixture
def write_run(tmp_path: Path) -> Callable[..., Path]:
    """Writes a run below `tmp_path/runs`; returns its folder."""
    from tests.fixtures.runs import run_writer

    return run_writer(tmp_path / "runs")


@pytest.fixture
def rich_runs(write_run: Callable[..., Path], tmp_path: Path) -> Path:
    """Runs of four levels, two seeds and two sizes, with all that a run can have."""
    from tests.fixtures.runs import write_rich_runs

    write_rich_runs(write_run)
    return tmp_path / "runs"
