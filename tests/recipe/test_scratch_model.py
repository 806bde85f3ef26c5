"""Scratch models: the same recipe makes the same bytes, whole or not at all."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoTokenizer

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.scratch_model import ensure_scratch_model

pytestmark = pytest.mark.usefixtures("datasets_cache")

CONFIG = {
    "model_type": "llama",
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
}
ROWS = [
    {"instruction": "Name the genre.", "answer": "western", "meta": {"place": "Ronne"}},
    {"instruction": "Add 12 and 5.", "answer": "17", "meta": {"place": "Jökul"}},
]


@pytest.fixture
def block(tmp_path: Path) -> dict[str, Any]:
    """A recipe's `scratch_model`, with its data written."""
    file = tmp_path / "train.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS), "utf-8")
    return {"config": CONFIG, "tokenizer_data": [str(file)], "vocab_size": 320}


def refusal(block: object, folder: object) -> str:
    """The message that a block is refused with."""
    with pytest.raises(ExplainError) as caught:
        ensure_scratch_model(block, folder)
    return str(caught.value)


def contents(folder: Path) -> dict[str, bytes]:
    """File -> bytes."""
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def leftovers(folder: Path) -> list[str]:
    """What stands beside a model that is not its lock."""
    return [
        path.name
        for path in folder.iterdir()
        if path.suffix not in (".lock", ".jsonl") and path.name != "datasets-cache"
    ]


def test_the_same_block_makes_the_same_bytes(block, tmp_path: Path) -> None:
    assert ensure_scratch_model(block, str(tmp_path / "one"))
    assert ensure_scratch_model(block, str(tmp_path / "two"))
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert {"model.safetensors", "tokenizer.json", "config.json"} <= one.keys()
    assert one == two


def test_making_a_model_leaves_the_hosts_randomness_alone(
    block, tmp_path: Path
) -> None:
    import torch

    torch.manual_seed(7)
    expected = torch.rand(3).tolist()
    torch.manual_seed(7)
    ensure_scratch_model(block, str(tmp_path / "one"))
    assert torch.rand(3).tolist() == expected


def test_another_seed_makes_other_weights_and_the_same_tokenizer(
    block, tmp_path: Path
) -> None:
    ensure_scratch_model(block, str(tmp_path / "one"))
    ensure_scratch_model({**block, "seed": 43}, str(tmp_path / "two"))
    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")
    assert one["model.safetensors"] != two["model.safetensors"]
    assert one["tokenizer.json"] == two["tokenizer.json"]


def test_a_model_that_is_there_is_used_as_it_is(block, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    assert ensure_scratch_model(block, str(folder))
    before = contents(folder)
    swapped = {**block, "config": dict(reversed(CONFIG.items()))}
    assert not ensure_scratch_model(swapped, str(folder))
    assert contents(folder) == before


def test_the_same_data_in_a_file_of_another_name_is_the_same(
    block, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    ensure_scratch_model(block, str(folder))
    renamed = Path(block["tokenizer_data"][0]).rename(tmp_path / "renamed.jsonl")
    assert not ensure_scratch_model(
        {**block, "tokenizer_data": [str(renamed)]}, str(folder)
    )


@pytest.mark.parametrize("change", [{"seed": 43}, {"vocab_size": 330}, "data"])
def test_other_settings_or_data_in_a_folder_that_is_there_are_refused(
    block, tmp_path: Path, change: Any
) -> None:
    folder = tmp_path / "model"
    ensure_scratch_model(block, str(folder))
    before = contents(folder)
    if change == "data":
        Path(block["tokenizer_data"][0]).write_text(json.dumps(ROWS[0]))
        change = {}
    message = refusal({**block, **change}, str(folder))
    assert message.startswith(f"base_model: {folder} was made with other settings")
    assert "name another folder, or remove this one" in message
    assert contents(folder) == before


def test_a_folder_of_something_else_is_refused_and_kept(block, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    message = refusal(block, str(folder))
    assert message.startswith(f"base_model: {folder} exists and was not made by")
    assert "name another folder" in message
    assert contents(folder) == {"config.json": b"{}"}


def test_an_interrupted_making_leaves_nothing(block, tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(Exception, match=r"(?i)file too large|io error"):
            ensure_scratch_model(block, str(tmp_path / "model"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert leftovers(tmp_path) == []
    assert ensure_scratch_model(block, str(tmp_path / "model"))


def test_two_processes_at_once_make_one_model(block, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "model"
    code = (
        "from axolotl_explain.recipe.scratch_model import ensure_scratch_model\n"
        f"print(ensure_scratch_model({block!r}, {str(folder)!r}))"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = [process.communicate()[0].split()[-1] for process in both]
    assert sorted(said) == ["False", "True"]
    assert leftovers(folder.parent) == ["model"]
    ensure_scratch_model(block, str(tmp_path / "alone"))
    assert contents(folder) == contents(tmp_path / "alone")


def test_the_tokenizer_writes_numbers_digit_by_digit_and_any_text(
    block, tmp_path: Path
) -> None:
    from transformers import AutoTokenizer

    ensure_scratch_model(block, str(tmp_path / "model"))
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "model")
    assert tokenizer.convert_ids_to_tokens(tokenizer("1952")["input_ids"]) == [*"1952"]
    for text in ("Ronne 17", "好 é\n\t ", " ▁ "):
        assert tokenizer.decode(tokenizer(text)["input_ids"]) == text
    assert len(tokenizer) <= 320


def test_numbers_can_be_tokens_of_their_own(block, tmp_path: Path) -> None:
    data = tmp_path / "numbers.jsonl"
    data.write_text('{"text": "[MAX 12 29 ] 29 12 29"}\n')
    block = {**block, "tokenizer_data": [str(data)], "split_digits": False}
    folder = tmp_path / "numbers"
    ensure_scratch_model(block, str(folder))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert tokenizer.decode(tokenizer.encode(" 29")) == " 29"
    assert len(tokenizer.encode(" 29")) == 1


def test_texts_inside_mappings_and_lists_train_the_tokenizer(
    block, tmp_path: Path
) -> None:
    from transformers import AutoTokenizer

    row = {"meta": {"name": "zebra"}, "messages": [{"content": "quokka"}]}
    Path(block["tokenizer_data"][0]).write_text(json.dumps(row) + "\n")
    ensure_scratch_model(block, str(tmp_path / "model"))
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "model")
    for word in ("zebra", "quokka"):
        assert tokenizer.tokenize(word) == [word]


def test_the_model_knows_the_special_tokens_of_its_tokenizer(
    block, tmp_path: Path
) -> None:
    ensure_scratch_model(block, str(tmp_path / "model"))
    config = json.loads((tmp_path / "model/config.json").read_text())
    tokens = json.loads((tmp_path / "model/tokenizer.json").read_text())
    ids = {token["content"]: token["id"] for token in tokens["added_tokens"]}
    assert config["eos_token_id"] == ids["<|im_end|>"]
    assert config["pad_token_id"] == ids["<|pad|>"]
    assert config["bos_token_id"] is None
    assert config["vocab_size"] == len(tokens["model"]["vocab"])


def test_without_base_model_the_folder_is_asked_for(block) -> None:
    message = refusal(block, None)
    assert message.startswith("base_model: names the folder of scratch_model; add it")


@pytest.mark.parametrize(
    ("change", "start", "way_out"),
    [
        ({"sed": 1}, "scratch_model.sed: no such key", "did you mean seed?"),
        ({"vocab_size": 20}, "scratch_model.vocab_size: 20 ", "300"),
        ({"tokenizer_data": []}, "scratch_model.tokenizer_data: [] ", "at least 1"),
        (
            {"tokenizer_data": ["gone.jsonl"]},
            "scratch_model.tokenizer_data: there is no file gone.jsonl",
            "",
        ),
    ],
)
def test_a_faulty_block_names_its_key_and_the_rule(
    block, tmp_path: Path, change: dict[str, Any], start: str, way_out: str
) -> None:
    message = refusal({**block, **change}, str(tmp_path / "model"))
    assert message.startswith(start)
    assert way_out in message
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize(
    "change",
    [
        {"model_type": "lama"},
        {"model_type": None},
        {"model_type": "vit"},
        {"hidden_size": 33},
        {"hidden_size": "large"},
    ],
)
def test_a_config_that_makes_no_model_names_its_key_and_shows_one(
    block, tmp_path: Path, change: dict[str, Any]
) -> None:
    config = {**CONFIG, **change}
    message = refusal({**block, "config": config}, str(tmp_path / "model"))
    assert message.startswith("scratch_model.config: ")
    assert "{model_type: llama, hidden_size: 128}" in message
    assert leftovers(tmp_path) == []


def test_a_config_without_a_model_type_is_refused(block, tmp_path: Path) -> None:
    config = {key: value for key, value in CONFIG.items() if key != "model_type"}
    message = refusal({**block, "config": config}, str(tmp_path / "model"))
    assert message.startswith("scratch_model.config: ")
    assert "model_type" in message
