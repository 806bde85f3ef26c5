"""What training ends with is in the generation config that is saved."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from axolotl.cli import merge_lora
from axolotl.utils.dict import DictDefault
from transformers import GenerationConfig

from axolotl_explain.recipe.explain_file import ExplainFile, write_explain_file
from axolotl_explain.training.ends import (
    SaveEnds,
    load_ends,
    save_ends,
    saved_ends,
    stop_at,
    trained_ends,
)
from axolotl_explain.training.explain_folder import strategies_of
from axolotl_explain.training.merged_folder import keep_in_merges
from tests.fixtures.bench import Bench, entry, sum_row

pytestmark = pytest.mark.usefixtures("fresh_process")


def model(eos: Any) -> Any:
    return SimpleNamespace(generation_config=GenerationConfig(eos_token_id=eos))


def test_the_ends_of_all_datasets_are_taken(bench: Bench) -> None:
    from axolotl.loaders.tokenizer import load_tokenizer

    path = bench.rows([sum_row(1)])
    cfg = bench.cfg(
        datasets=[entry(path, "instruct"), entry(path, "chat")],
        special_tokens={"eos_token": "<|pad|>"},
        chat_template="chatml",
    )
    tokenizer = load_tokenizer(cfg)
    ends = tokenizer.convert_tokens_to_ids(["<|pad|>", "<|im_end|>"])
    assert trained_ends(strategies_of(cfg, tokenizer)) == ends


@pytest.mark.parametrize(
    ("before", "after"), [(None, [5, 7]), (9, [5, 7, 9]), ([7, 9], [5, 7, 9])]
)
def test_a_model_stops_where_it_did_and_where_training_ends(
    before: Any, after: list[int]
) -> None:
    one = model(before)
    stop_at(one, [5, 7])
    assert one.generation_config.eos_token_id == after


def test_it_is_written_beside_adapters_and_their_checkpoints(tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint-3"
    checkpoint.mkdir()
    args = SimpleNamespace(output_dir=str(tmp_path))
    state = SimpleNamespace(is_world_process_zero=True, global_step=3)
    SaveEnds(model([5, 9]).generation_config).on_save(args, state, None)
    assert saved_ends(checkpoint) == [5, 9]
    cfg = DictDefault(adapter="lora", output_dir=str(tmp_path), local_rank=0)
    save_ends(cfg, model(5))
    assert saved_ends(tmp_path) == [5]


def test_a_loaded_adapter_brings_its_ends_along(tmp_path: Path) -> None:
    model([5, 9]).generation_config.save_pretrained(tmp_path)
    base = model(9)
    load_ends(DictDefault(lora_model_dir=str(tmp_path)), base)
    assert base.generation_config.eos_token_id == [5, 9]
    base = model(9)
    load_ends(DictDefault(lora_model_dir=None), base)
    assert base.generation_config.eos_token_id == 9


def test_a_merge_takes_ends_and_tokenizer_of_the_adapter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter, merged = tmp_path / "adapter", tmp_path / "merged"

    def merge(*, cfg: Any) -> None:
        model(9).generation_config.save_pretrained(merged)
        (merged / "chat_template.jinja").write_text("of the base model")

    monkeypatch.setattr(merge_lora, "do_merge_lora", merge)
    keep_in_merges()
    keep_in_merges()
    model([5, 9]).generation_config.save_pretrained(adapter)
    (adapter / "chat_template.jinja").write_text("as trained")
    cfg = SimpleNamespace(lora_model_dir=str(adapter), output_dir=str(tmp_path))
    merge_lora.do_merge_lora(cfg=cfg)
    assert saved_ends(merged) == [5, 9]
    template = merged / "chat_template.jinja"
    assert template.read_text() == "of the base model"
    content = ExplainFile(type="axolotl_explain.chat", base_model="base")
    write_explain_file(adapter, content)
    merge_lora.do_merge_lora(cfg=cfg)
    assert template.read_text() == "as trained"


def test_a_folder_without_a_generation_config_ends_as_its_config_says(
    tmp_path: Path,
) -> None:
    assert saved_ends(tmp_path) == []
    (tmp_path / "config.json").write_text(json.dumps({"eos_token_id": 4}))
    assert saved_ends(tmp_path) == [4]
