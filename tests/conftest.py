"""What several checks share: no network, a small tokenizer, a cache of one's own."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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
(data / "test.jsonl").write_text('{"meta": {"modulus": 10}}')
"""
QUICK_EVALUATION = """
import sys, yaml
from pathlib import Path
from axolotl_explain.evaluation.completion import Completion
from axolotl_explain.evaluation.store import store
given = dict(zip(sys.argv[2::2], sys.argv[3::2]))
recipe = yaml.safe_load(open(given["--recipe"]))
level = recipe["explain"]["level"]
row = dict(id=None, prompt="3 + 4", completion="7", answer="7", extracted="7")
row |= dict(flexible_match=True, truncated=False, num_tokens=3, meta={})
row |= dict(exact_match=level == "long", level=level)
row |= dict(data=given["--data"], model=given["--model"])
facts = {"model": given["--model"], "recipe_content": recipe, "data": given["--data"]}
rows = [Completion.from_dict({**row, "row": number}) for number in (1, 2)]
store(Path(given["--out"]), rows, facts)
"""


@pytest.fixture
def quick_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands of a sweep that leave what the real ones leave, and take no time.

    Training fails at the level that a file `fails` names; long alone is right.
    """
    from axolotl_explain.sweep.commands import MODULES

    here = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    monkeypatch.setenv("PYTHONPATH", here)
    (tmp_path / "quick_train.py").write_text(QUICK_TRAIN)
    (tmp_path / "quick_eval.py").write_text(QUICK_EVALUATION)
    monkeypatch.setitem(MODULES, "accelerate", "quick_train")
    monkeypatch.setitem(MODULES, "axolotl_explain", "quick_eval")


@pytest.fixture(autouse=True)
def own_signals() -> None:
    """Axolotl's training leaves a handler of Ctrl-C behind that ends the process."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


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
