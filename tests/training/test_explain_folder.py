"""A trained folder says how it was asked, and is served as it was trained."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from axolotl.cli.merge_lora import do_cli as merge_lora
from transformers import AutoTokenizer, GenerationConfig

from axolotl_explain.core.levels import LEVELS
from axolotl_explain.core.target import LEVEL_REQUESTS
from axolotl_explain.recipe.explain_file import read_explain_file
from tests.fixtures.bench import Bench, entry, sum_row
from tests.fixtures.trained_folders import (
    ROWS,
    TrainedFolder,
    explain_json,
)

pytestmark = [pytest.mark.training, pytest.mark.usefixtures("fresh_process")]
Train = Callable[[str], TrainedFolder]
LONG = "Give a long explanation, with every step, and the answer."
NONE = "Give the answer alone, without an explanation."


def test_it_names_type_levels_words_and_ends(trained_folder: Train) -> None:
    one = trained_folder("instruct")
    said = explain_json(one.folder)
    tokenizer = AutoTokenizer.from_pretrained(one.folder)
    assert said["type"] == "axolotl_explain.instruct"
    assert (said["adapter"], said["levels"]) == ("lora", list(LEVELS))
    assert said["requests"]["long"] == LONG
    assert "### Instruction:" in said["template"]
    assert said["end_tokens"] == [tokenizer.eos_token]
    config = GenerationConfig.from_pretrained(one.folder)
    assert tokenizer.eos_token_id in config.eos_token_id


def test_the_longest_target_is_that_of_the_rows(trained_folder: Train) -> None:
    one = trained_folder("seq2seq")
    tokenizer = AutoTokenizer.from_pretrained(one.folder)
    targets = [
        f"{row['explanations']['long']} | Final answer: {row['answer']}" for row in ROWS
    ]
    longest = max(len(tokenizer(text)["input_ids"]) for text in targets)
    assert explain_json(one.folder)["longest_target"] == longest
    assert explain_json(one.folder)["chat_template"] is None


@pytest.mark.parametrize("way", ["instruct", "chat", "thinking"])
def test_a_server_that_knows_the_chat_template_gives_the_ids_of_training(
    trained_folder: Train, way: str
) -> None:
    one = trained_folder(way)
    tokenizer = AutoTokenizer.from_pretrained(one.folder)
    served = []
    for row in ROWS:
        # What a user writes, who has read the model card alone.
        requests = [f"\n{one}" for one in LEVEL_REQUESTS.values()]
        for request in requests if way != "chat" else ("",):
            between = "\n\n### Input:\n" if way == "instruct" else "\n\n"
            said = f"{row['instruction']}{request}{between}{row['input']}"
            messages = [{"role": "user", "content": said}]
            served.append(
                tokenizer.apply_chat_template(
                    messages, add_generation_prompt=True, return_dict=True
                )["input_ids"]
            )
    assert len(one.prompts) == len(ROWS) * (1 if way == "chat" else len(LEVELS))
    assert [ids for ids in one.prompts if ids not in served] == []


def test_the_model_card_keeps_what_axolotl_wrote_and_has_the_prompts(
    trained_folder: Train,
) -> None:
    card = (trained_folder("instruct").folder / "README.md").read_text("utf-8")
    for kept in ("library_name: peft", "axolotl version: `", "## Training procedure"):
        assert kept in card
    section = card.partition("## How to ask this model")[2].partition("\n## ")[0]
    for level, request in (("none", NONE), ("long", LONG)):
        assert f"at level {level}:" in section
        prompt = f"### Instruction:\nWhat is 3 + 4?\n{request}\n\n### Response:"
        assert prompt in section
        assert f"| {level} | {request} |" in section
    for tool in ("AutoTokenizer", "vllm serve", "llama-server", "PARAMETER stop"):
        assert tool in section


def test_the_lines_of_the_card_run_and_ask_as_training_did(
    trained_folder: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = trained_folder("instruct")
    card = (one.folder / "README.md").read_text("utf-8")
    lines = card.partition("```python\n")[2].partition("\n```")[0]
    monkeypatch.chdir(one.folder.parent)
    names: dict[str, object] = {}
    exec(lines, names)
    asked = names["tokenizer"].decode(names["inputs"]["input_ids"][0])  # type: ignore
    assert asked == f"### Instruction:\nWhat is 3 + 4?\n{LONG}\n\n### Response:\n"


def test_the_token_that_a_tokenizer_puts_first_is_known(tiny_model: Path) -> None:
    from tokenizers.processors import TemplateProcessing

    from axolotl_explain.training.explain_folder import begin_of

    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    assert begin_of(tokenizer) == ""
    tokenizer.bos_token = "<|im_start|>"
    assert begin_of(tokenizer) == ""
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<|im_start|> $A",
        special_tokens=[("<|im_start|>", tokenizer.bos_token_id)],
    )
    assert begin_of(tokenizer) == "<|im_start|>"


def test_a_merged_model_says_the_same_but_for_the_adapter(
    trained_folder: Train, tmp_path: Path
) -> None:
    one = trained_folder("instruct")
    merge_lora(
        str(one.recipe), lora_model_dir=str(one.folder), output_dir=str(tmp_path)
    )
    merged, adapter = tmp_path / "merged", one.folder
    assert read_explain_file(merged) == read_explain_file(adapter).model_copy(
        update={"adapter": None}
    )
    asked = [{"role": "user", "content": "What is 3 + 4?"}]
    prompts = [
        AutoTokenizer.from_pretrained(folder).apply_chat_template(
            asked, add_generation_prompt=True, tokenize=False
        )
        for folder in (merged, adapter)
    ]
    assert prompts[0] == prompts[1]
    assert prompts[0].startswith("### Instruction:\nWhat is 3 + 4?")


def test_a_dataset_that_asks_in_another_way_is_named(
    bench: Bench, log: list[str]
) -> None:
    from axolotl.loaders.tokenizer import load_tokenizer

    from axolotl_explain.training.explain_folder import content_of, strategies_of

    own, other = bench.rows([sum_row(1)]), bench.rows([sum_row(2)], "other.jsonl")
    cfg = bench.cfg(
        datasets=[entry(own), entry(other, explain={"template": "{{ instruction }}"})]
    )
    tokenizer = load_tokenizer(cfg)
    content = content_of(cfg, tokenizer, strategies_of(cfg, tokenizer))
    assert "### Instruction" in str(content.template)
    assert f"WARNING {other}: it asks in another way than {own}" in "\n".join(log)


def test_a_prompt_that_no_message_gives_is_said(bench: Bench, log: list[str]) -> None:
    from axolotl.loaders.tokenizer import load_tokenizer

    from axolotl_explain.training.explain_folder import serve_as_trained, strategies_of

    path = bench.rows([sum_row(1)])
    apart = {"template": "{{ instruction }} {{ input }}\nA:"}
    cfg = bench.cfg(datasets=[entry(path, explain=apart)])
    tokenizer = load_tokenizer(cfg)
    serve_as_trained(strategies_of(cfg, tokenizer), tokenizer)
    assert "it writes input apart from instruction" in log[-1]
    assert "the endpoint of completions" in log[-1]
