"""What this package relies on in Axolotl, one fact a check.

An upgrade that changes one turns red by its name.
"""

from __future__ import annotations

import inspect
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from axolotl.cli.config import load_cfg
from axolotl.cli.plugins import ENTRY_POINT_GROUP, PluginCommandGroup
from axolotl.integrations.base import PluginManager, load_plugin
from axolotl.loaders.adapter import _build_peft_lora_config, _get_peft_task_type
from axolotl.loaders.tokenizer import load_tokenizer
from axolotl.prompt_strategies import load as load_strategy
from axolotl.utils import distributed
from axolotl.utils.config import validate_config
from axolotl.utils.data.sft import _extract_pretraining_config, prepare_datasets
from axolotl.utils.data.shared import generate_dataset_hash_from_config
from axolotl.utils.data.utils import keep_min_len
from axolotl.utils.dict import DictDefault
from click import Context
from transformers import AutoModelForSeq2SeqLM, T5ForConditionalGeneration

import axolotl_explain
from axolotl_explain.plugin import ExplainPlugin
from tests.fixtures.bench import CPU, PLUGIN, Bench, sum_row

WATCHER = """
from axolotl.integrations.base import BasePlugin, PluginManager

SEEN = []

class First(BasePlugin):
    def register(self, cfg):
        SEEN.append((type(self).__name__, type(cfg).__name__, cfg.to_dict(),
                     list(PluginManager.get_instance().plugins)))

class Second(First):
    pass
"""
STRATEGIES = """
from axolotl.prompt_tokenizers import DatasetWrappingStrategy

CALLS = []

class Whole(DatasetWrappingStrategy):
    def wrap_dataset(self, dataset, process_count=None, keep_in_memory=False, **_):
        CALLS.append((len(dataset), dataset.column_names, process_count))
        ids = [[1, 2, 3]] * 2
        return dataset.select([0, 1]).map(
            lambda batch: {"input_ids": ids, "attention_mask": ids, "labels": ids},
            batched=True, remove_columns=dataset.column_names)

def load(tokenizer, cfg, ds_cfg):
    CALLS.append(dict(ds_cfg))
    return Whole()

load_other = load
"""
FILES = {
    "watcher.py": WATCHER,
    "foreign/__init__.py": "",
    "foreign/whole.py": STRATEGIES,
    "foreign/broken.py": "import a_module_that_is_not_there\n",
}


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is not Axolotl's, with plugins and strategies that take notes."""
    folder = tmp_path / "site"
    for name, source in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(source)
    monkeypatch.syspath_prepend(folder)
    for name in ("watcher", "foreign", "foreign.whole", "foreign.broken"):
        monkeypatch.delitem(sys.modules, name, raising=False)


def plain(bench: Bench, **keys: Any) -> dict[str, Any]:
    """An entry that any strategy may read."""
    return {"path": bench.rows([sum_row(1), sum_row(2)]), "ds_type": "json", **keys}


def lookup(kind: str) -> Any:
    return load_strategy(kind, None, DictDefault({}), DictDefault({"type": kind}))


def test_a_plugin_is_found_by_its_dotted_attribute() -> None:
    assert isinstance(load_plugin(PLUGIN), ExplainPlugin)


def test_a_module_level_getattr_is_enough_to_be_found() -> None:
    assert "ExplainPlugin" not in vars(axolotl_explain)
    assert (
        load_plugin(PLUGIN).get_input_args()
        == "axolotl_explain.recipe.options.ExplainArgs"
    )


def test_a_plugin_that_fails_to_import_is_only_printed(
    bench: Bench, foreign: None, capsys: pytest.CaptureFixture[str]
) -> None:
    cfg = bench.cfg(
        plugins=["foreign.broken.Plugin"], datasets=[plain(bench, type="alpaca")]
    )
    assert "Error: No module named 'a_module_that_is_not_there'" in (
        capsys.readouterr().out
    )
    assert cfg.datasets[0].type == "alpaca"


def test_register_gets_the_raw_yaml_once_all_plugins_are_loaded(
    bench: Bench, foreign: None
) -> None:
    plugins = ["watcher.First", "watcher.Second"]
    datasets = [plain(bench, type="alpaca", no_such_key={"a": 1})]
    bench.cfg(plugins=plugins, datasets=datasets, no_such_key=2)
    seen = sys.modules["watcher"].SEEN
    assert [name for name, *_ in seen] == ["First", "Second"]
    for _, kind, cfg, loaded in seen:
        assert kind == "DictDefault"
        assert cfg["datasets"] == datasets
        assert cfg["no_such_key"] == 2
        assert loaded == plugins


def test_keys_on_the_command_line_reach_register(bench: Bench, foreign: None) -> None:
    recipe = bench.write(
        plugins=["watcher.First"],
        datasets=[plain(bench, type="alpaca")],
        explain={"level": "long"},
    )
    load_cfg(str(recipe), sequence_len="64", explain__level="short")
    ((_, _, cfg, _),) = sys.modules["watcher"].SEEN
    assert cfg["sequence_len"] == 64
    assert cfg["explain"] == {"level": "short"}


def test_input_args_add_a_field_at_the_top_level(bench: Bench) -> None:
    with_plugin = bench.cfg(
        datasets=[plain(bench, type="alpaca")], explain={"level": "short"}
    )
    PluginManager.get_instance().plugins.clear()
    without = bench.cfg(
        plugins=None,
        datasets=[plain(bench, type="alpaca")],
        explain={"level": "short"},
    )
    assert with_plugin.explain.level == "short"
    assert "explain" not in without


def test_unknown_keys_of_a_dataset_are_dropped(bench: Bench) -> None:
    keys = {"no_such_key": 1, "explain": {"level": "short"}}
    cfg = bench.cfg(plugins=None, datasets=[plain(bench, type="alpaca", **keys)])
    assert not set(keys) & set(cfg.datasets[0])


@pytest.mark.parametrize("name", ["datasets", "test_datasets"])
def test_input_transform_survives_validation(bench: Bench, name: str) -> None:
    one = plain(bench, type="alpaca", input_transform='{"a": "é"}')
    entries = {"datasets": [plain(bench, type="alpaca")], name: [one]}
    cfg = bench.cfg(plugins=None, **entries)
    assert cfg[name][0].input_transform == '{"a": "é"}'


def key(bench: Bench, **keys: Any) -> str:
    entry = plain(bench, type="alpaca", **keys.pop("entry", {}))
    cfg = bench.cfg(plugins=None, datasets=[entry], **keys)
    return generate_dataset_hash_from_config(cfg, cfg.datasets, "tokenizer")


def test_input_transform_changes_the_key_of_prepared_data(bench: Bench) -> None:
    assert key(bench, entry={"input_transform": "a"}) != key(
        bench, entry={"input_transform": "b"}
    )


def test_the_key_of_prepared_data_ignores_content_and_unknown_options(
    bench: Bench,
) -> None:
    before = key(bench, explain={"level": "long"}, eval_sequence_len=10)
    rows = bench.folder / "rows.jsonl"
    assert key(bench, explain={"level": "none"}, eval_sequence_len=20) == before
    content = rows.read_text()
    entry = plain(bench, type="alpaca")
    rows.write_text(content.replace("numbers", "figures"))
    cfg = bench.cfg(plugins=None, datasets=[entry])
    assert generate_dataset_hash_from_config(cfg, cfg.datasets, "tokenizer") == before


def test_the_key_of_prepared_data_knows_a_tokenizer_by_name_alone(
    bench: Bench,
) -> None:
    cfg = bench.cfg(plugins=None, datasets=[plain(bench, type="alpaca")])
    one, two = (
        generate_dataset_hash_from_config(cfg, cfg.datasets, name)
        for name in ("some/model", "other/model")
    )
    assert one != two


def test_a_strategy_is_found_as_package_dot_module(foreign: None) -> None:
    assert type(lookup("foreign.whole")).__name__ == "Whole"
    assert sys.modules["foreign.whole"].CALLS == [{"type": "foreign.whole"}]


@pytest.mark.parametrize(
    "kind",
    ["foreign", "foreign.whole.load_other", "foreign.whole:style", "foreign.broken"],
)
def test_other_names_of_a_foreign_strategy_find_nothing(
    foreign: None, kind: str
) -> None:
    assert lookup(kind) is None


def test_a_wrapping_strategy_is_given_the_whole_dataset(
    bench: Bench, foreign: None
) -> None:
    rows = [sum_row(index) for index in range(2_500)]
    cfg = bench.cfg(
        plugins=None,
        datasets=[
            {"path": bench.rows(rows), "ds_type": "json", "type": "foreign.whole"}
        ],
        dataset_num_proc=2,
    )
    train, *_ = prepare_datasets(cfg, load_tokenizer(cfg))
    _, call = sys.modules["foreign.whole"].CALLS
    assert call == (2_500, list(rows[0]), 2)
    assert len(train) == 2


def test_the_options_of_a_pretraining_dataset_are_lost() -> None:
    entry = {"path": "a.jsonl", "type": "foreign.whole", "input_transform": "{}"}
    cfg = DictDefault({"pretraining_dataset": [entry]})
    assert "input_transform" not in _extract_pretraining_config(cfg)


def test_a_click_command_joins_through_the_entry_point_group() -> None:
    assert ENTRY_POINT_GROUP == "axolotl.cli_commands"
    (point,) = entry_points(group=ENTRY_POINT_GROUP, name="explain")
    group = PluginCommandGroup("axolotl")
    command = group.get_command(Context(group), "explain")
    assert command is not None
    assert command.name == "explain"
    assert "explain" in group.list_commands(Context(group))
    assert point.value == "axolotl_explain.cli:main"


H100 = {
    "bf16": True,
    "fp8": True,
    "tf32": True,
    "n_gpu": 1,
    "compute_capability": "sm_90",
}
ENVIRONMENT = {"torch_version": "2.13.0"}


def raw(bench: Bench, **keys: Any) -> DictDefault:
    datasets = [plain(bench, type="alpaca")]
    return DictDefault(bench.recipe(plugins=None, datasets=datasets, **keys))


def test_a_recipe_is_validated_for_hardware_that_is_not_there(bench: Bench) -> None:
    recipe = {"bf16": True, "tf32": "auto"}
    for tf32 in (True, False):
        machine = {**H100, "tf32": tf32}
        assert validate_config(raw(bench, **recipe), machine, ENVIRONMENT).tf32 is tf32
    with pytest.raises(ValueError, match="fp8 is not supported on this GPU"):
        validate_config(raw(bench, fp8=True), {**H100, "fp8": False}, ENVIRONMENT)


def test_lora_kernels_switch_themselves_on(bench: Bench) -> None:
    kernels = [name for name in CPU if name.endswith("_kernel")]
    lora = {"adapter": "lora", "lora_target_linear": True, "lora_r": 4}
    unset = validate_config(
        raw(bench, **lora, **dict.fromkeys(kernels)), H100, ENVIRONMENT
    )
    off = validate_config(raw(bench, **lora), H100, ENVIRONMENT)
    assert [unset[name] for name in kernels] == [True] * 4
    assert [off[name] for name in kernels] == [False] * 4


def test_plugins_stay_for_the_life_of_the_process(bench: Bench, foreign: None) -> None:
    datasets = [plain(bench, type="alpaca")]
    bench.cfg(plugins=["watcher.First"], datasets=datasets)
    bench.cfg(plugins=["watcher.Second"], datasets=datasets)
    assert [name for name, *_ in sys.modules["watcher"].SEEN] == [
        "First",
        "First",
        "Second",
    ]


def test_an_adapter_of_an_encoder_decoder_model_is_named_causal(tiny_t5: Path) -> None:
    model = AutoModelForSeq2SeqLM.from_pretrained(tiny_t5)
    assert _get_peft_task_type(model) == "CAUSAL_LM"


def test_a_plugin_cannot_name_the_task_of_an_adapter(
    tiny_t5: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = AutoModelForSeq2SeqLM.from_pretrained(tiny_t5)
    monkeypatch.setattr(
        PluginManager,
        "get_lora_config_kwargs",
        lambda *_: {"task_type": "SEQ_2_SEQ_LM"},
    )
    cfg = DictDefault(lora_r=8, lora_alpha=16, lora_target_modules=["q"])
    with pytest.raises(TypeError, match="task_type"):
        _build_peft_lora_config(model, cfg)


def test_the_loss_of_t5_is_a_mean_over_its_own_batch_alone() -> None:
    parameters = inspect.signature(T5ForConditionalGeneration.forward).parameters
    assert "labels" in parameters
    assert "num_items_in_batch" not in parameters


def test_rows_with_fewer_than_two_source_tokens_are_left_out(t5_bench: Bench) -> None:
    cfg = t5_bench.cfg(datasets=[{"path": "rows.jsonl", "type": "alpaca"}])
    assert keep_min_len({"input_ids": [[1], [1, 2]]}, cfg.min_sample_len) == [
        False,
        True,
    ]


def test_fsdp_asks_for_a_mesh_of_cards_whatever_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []
    monkeypatch.setattr(distributed, "get_world_size", lambda: 2)
    monkeypatch.setattr(
        distributed.ParallelismConfig,
        "build_device_mesh",
        lambda self, kind: asked.append(kind),
    )
    cfg = DictDefault(fsdp_version=2, fsdp_config={"reshard_after_forward": True})
    distributed.build_parallelism_config(cfg)
    assert asked == ["cuda"]
