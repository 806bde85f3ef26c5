"""The lines of a model card that start a server fit what lies in the folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.recipe.explain_file import ExplainFile
from axolotl_explain.recipe.model_card import CARD, QUESTION, add_to_card

ADAPTER = {"r": 16, "modules_to_save": None, "use_dora": False}
PROMPT = f"Q: {QUESTION}\nA:\n"


def card(
    where: Path,
    adapter: dict[str, Any] | None = None,
    prompt: str = PROMPT,
    begin: str = "",
) -> str:
    """The section of a folder called `run`."""
    folder = where / "run"
    folder.mkdir()
    (folder / CARD).write_text("---\nlibrary_name: peft\n---\n\n# Run\n")
    if adapter is not None:
        (folder / "adapter_config.json").write_text(json.dumps(adapter))
    content = ExplainFile(
        type="axolotl_explain.instruct",
        base_model="base",
        adapter=None if adapter is None else "lora",
        levels=("long",),
        end_tokens=("<|end|>",),
    )
    assert add_to_card(folder, content, {"long": prompt}, begin)
    return (folder / CARD).read_text("utf-8")


def line(text: str, start: str) -> str:
    """The one line that starts so."""
    (found,) = [one for one in text.splitlines() if one.startswith(start)]
    return found


def test_a_whole_model_is_served_and_converted_by_its_folder(tmp_path: Path) -> None:
    text = card(tmp_path)
    assert line(text, "vllm serve") == "vllm serve run"
    assert '"model": "run"' in text
    assert "convert_hf_to_gguf.py run --outfile model.gguf" in text
    assert "merge-lora" not in text


def test_an_adapter_brings_its_tokenizer_and_its_ends(tmp_path: Path) -> None:
    text = card(tmp_path, ADAPTER)
    assert line(text, "vllm serve") == (
        "vllm serve base --tokenizer run --generation-config run --enable-lora "
        "--lora-modules tuned=run"
    )
    assert '"model": "tuned"' in text
    assert "convert_hf_to_gguf.py run/merged" in text


@pytest.mark.parametrize(
    ("config", "option"),
    [
        ({"r": 8}, ""),
        ({"r": 24}, " --max-lora-rank 32"),
        ({"r": 64}, " --max-lora-rank 64"),
        ({"r": 8, "rank_pattern": {"q_proj": 40}}, " --max-lora-rank 64"),
    ],
)
def test_vllm_is_told_of_a_rank_that_it_does_not_take_by_default(
    tmp_path: Path, config: dict[str, Any], option: str
) -> None:
    text = card(tmp_path, {**ADAPTER, **config})
    assert line(text, "vllm serve").endswith(f"tuned=run{option}")


@pytest.mark.parametrize(
    "config", [{"modules_to_save": ["lm_head"]}, {"use_dora": True}]
)
def test_an_adapter_that_vllm_refuses_is_merged_first(
    tmp_path: Path, config: dict[str, Any]
) -> None:
    text = card(tmp_path, {**ADAPTER, **config})
    assert "axolotl merge-lora RECIPE\nvllm serve run/merged\n" in text
    assert '"model": "run/merged"' in text
    assert "--enable-lora" not in text


def test_ollama_is_given_the_prompt_without_the_beginning_that_it_adds_itself(
    tmp_path: Path,
) -> None:
    text = card(tmp_path, prompt=f"<s>{PROMPT}", begin="<s>")
    assert '\nTEMPLATE """Q: {{ .Prompt }}\nA:\n"""\nPARAMETER stop "<|end|>"\n' in text
    assert f"<s>Q: {QUESTION}" in text


def test_a_prompt_that_would_be_a_template_of_ollama_has_no_modelfile(
    tmp_path: Path,
) -> None:
    text = card(tmp_path, prompt=f"Use {{{{name}}}}. {PROMPT}")
    assert "llama-server" in text
    assert "PARAMETER" not in text
