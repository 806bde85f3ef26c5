"""The section of a model card that says how to ask the model."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from axolotl_explain.core.levels import Level
from axolotl_explain.core.target import with_request
from axolotl_explain.recipe.explain_file import ExplainFile
from axolotl_explain.support.whole_file import write_whole

CARD = "README.md"
BEGIN, END = "<!-- how to ask: begin -->", "<!-- how to ask: end -->"
QUESTION = "What is 3 + 4?"
MERGE = "# first: axolotl merge-lora RECIPE"
HEADING = re.compile(r"^## ", re.MULTILINE)
SECTION = re.compile(rf"{BEGIN}.*?{END}\n*", re.DOTALL)

Prompts = Mapping[Level, str]
"""Level -> the prompt of QUESTION as text; empty where prompts are no text."""

VLLM_RANKS = (16, 32, 64, 128, 256, 320, 512)
"""What vLLM takes as `--max-lora-rank`; the first unless it is told otherwise."""


def add_to_card(
    folder: Path, content: ExplainFile, prompts: Prompts, begin: str = ""
) -> bool:
    """Put the section into the card of a folder; False where there is no card.

    What stands in the card stays; an earlier section of ours is replaced.

    Args:
        begin: the token that the tokenizer puts before every text by itself.
    """
    card = folder / CARD
    if not card.is_file():
        return False
    text = SECTION.sub("", card.read_text("utf-8"))
    body = text.find("\n---", 3) + 4 if text.startswith("---") else 0
    # A recipe in the card has comments of its own, which are no headings of it.
    details = text.find("</details>", body)
    heading = HEADING.search(text, max(body, details))
    at = heading.start() if heading else len(text)
    adapter = _adapter_config(folder)
    section = card_section(content, prompts, folder.name, adapter, begin)
    section = f"{BEGIN}\n{section}\n{END}\n\n"
    lead = "" if heading or text.endswith("\n\n") else "\n"
    write_whole(card, f"{text[:at]}{lead}{section}{text[at:]}")
    return True


def _adapter_config(folder: Path) -> dict[str, Any]:
    """What peft says of the adapter in a folder; empty where there is none."""
    path = folder / "adapter_config.json"
    found = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return found if isinstance(found, dict) else {}


def card_section(
    content: ExplainFile,
    prompts: Prompts,
    name: str,
    adapter: Mapping[str, Any] | None = None,
    begin: str = "",
) -> str:
    """The section, in Markdown.

    Args:
        name: of the folder, by which the lines to copy call it.
        adapter: what peft says of the adapter in it.
        begin: the token that the tokenizer puts before every text by itself.
    """
    parts = [
        "## How to ask this model",
        _summary(content),
        *(_prompt(level, prompts[level]) for level in prompts),
        *_levels(content),
        _transformers(content, prompts, name),
    ]
    if content.kind != "seq2seq":
        parts += [
            _vllm(content, name, adapter or {}),
            _llama_cpp(content, name),
        ]
        if modelfile := _modelfile(content, prompts, begin):
            parts.append(f"With Ollama, a Modelfile:\n\n{_fenced(modelfile, 'text')}")
    return "\n\n".join(parts)


def _summary(content: ExplainFile) -> str:
    end = " or ".join(f"`{one}`" for one in content.end_tokens)
    order = {
        "explanation_first": "the explanation, then a line with the answer",
        "answer_first": "a line with the answer, then the explanation",
        "multitask": "the answer or the explanation, whichever it is asked for",
    }[content.order]
    where = ", the explanation in its thoughts" if content.thinking else ""
    return (
        f"Trained with axolotl-explain {content.axolotl_explain}, type "
        f"`{content.type}`. It writes {order}{where}; the answer follows "
        f"`{content.answer_marker}`. A completion ends with {end}. `explain.json` "
        f"beside the weights says the same to programs."
    )


def _prompt(level: Level, prompt: str) -> str:
    return f"The prompt at level {level}:\n\n{_fenced(prompt, 'text')}"


def _levels(content: ExplainFile) -> list[str]:
    if not content.requests:
        return []
    rows = [f"| {level} | {line} |" for level, line in content.requests.items()]
    return [
        "How much it explains is said on a line of its own, the last of the question:",
        "\n".join(["| level | line |", "|---|---|", *rows]),
    ]


def _asked(content: ExplainFile) -> str:
    """QUESTION as a user's message."""
    level = content.levels[-1]
    return with_request(QUESTION, level, content.requests)


def _transformers(content: ExplainFile, prompts: Prompts, name: str) -> str:
    seq2seq = content.kind == "seq2seq"
    prompt = list(prompts.values())[-1] if prompts else _asked(content)
    auto = auto_class(content)
    lines = [
        *(
            [f"from peft import {auto}", "from transformers import AutoTokenizer"]
            if content.adapter
            else [f"from transformers import {auto}, AutoTokenizer"]
        ),
        "",
        f'tokenizer = AutoTokenizer.from_pretrained("{name}")',
        f'model = {auto}.from_pretrained("{name}")',
    ]
    if seq2seq:
        lines += [
            f"prompt = {json.dumps(prompt, ensure_ascii=False)}",
            'inputs = tokenizer(prompt, return_tensors="pt")',
            "output = model.generate(**inputs, max_new_tokens=512, do_sample=False)",
            "print(tokenizer.decode(output[0]))",
        ]
    else:
        lines += [
            f"messages = [{_message(content)}]",
            "inputs = tokenizer.apply_chat_template(",
            '    messages, add_generation_prompt=True, return_tensors="pt", '
            "return_dict=True",
            ")",
            "output = model.generate(**inputs, max_new_tokens=512, do_sample=False)",
            'print(tokenizer.decode(output[0, inputs["input_ids"].shape[1] :]))',
        ]
    return "With transformers:\n\n" + _fenced("\n".join(lines), "python")


def auto_class(content: ExplainFile) -> str:
    """The class of transformers, or for adapters of peft, that loads the model."""
    head = "Seq2SeqLM" if content.kind == "seq2seq" else "CausalLM"
    return f"AutoPeftModelFor{head}" if content.adapter else f"AutoModelFor{head}"


def _vllm(content: ExplainFile, name: str, adapter: Mapping[str, Any]) -> str:
    model, serve = name, f"vllm serve {name}"
    if content.adapter is not None:
        model = "tuned"
        # Of the base model it would take the ends of completions as well.
        serve = (
            f"vllm serve {content.base_model} --tokenizer {name} "
            f"--generation-config {name} --enable-lora --lora-modules tuned={name}"
            f"{_max_rank(adapter)}"
        )
    if adapter.get("modules_to_save") or adapter.get("use_dora"):
        # vLLM refuses such adapters.
        model = f"{name}/merged"
        serve = f"{MERGE}\nvllm serve {model}"
    body = {
        "model": model,
        "temperature": 0,
        "messages": [json.loads(_message(content))],
    }
    ask = (
        "curl http://localhost:8000/v1/chat/completions "
        "-H 'Content-Type: application/json' "
        f"-d '{_shell(json.dumps(body, ensure_ascii=False))}'"
    )
    return "With vLLM:\n\n" + _fenced(f"{serve}\n{ask}", "sh")


def _max_rank(adapter: Mapping[str, Any]) -> str:
    """The option that lets vLLM take an adapter of a high rank."""
    ranks = [adapter.get("r") or 0, *(adapter.get("rank_pattern") or {}).values()]
    fitting = next((one for one in VLLM_RANKS if one >= max(ranks)), VLLM_RANKS[0])
    return f" --max-lora-rank {fitting}" if fitting > VLLM_RANKS[0] else ""


def _llama_cpp(content: ExplainFile, name: str) -> str:
    folder = name if content.adapter is None else f"{name}/merged"
    lines = [
        *([MERGE] if content.adapter else []),
        f"python convert_hf_to_gguf.py {folder} --outfile model.gguf",
        "llama-server -m model.gguf --jinja",
    ]
    return "With llama.cpp:\n\n" + _fenced("\n".join(lines), "sh")


def _modelfile(content: ExplainFile, prompts: Prompts, begin: str) -> str:
    """What Ollama makes a model of; empty where its templates cannot say the prompt.

    Ollama puts the beginning of sequence before a prompt that has it already.
    """
    prompt = next((one for one in prompts.values() if one.count(QUESTION) == 1), "")
    if not prompt or "{{" in prompt or '"""' in prompt:
        return ""
    level = next(level for level, one in prompts.items() if one == prompt)
    asked = with_request(QUESTION, level, content.requests)
    template = prompt.removeprefix(begin).replace(asked, "{{ .Prompt }}")
    lines = [
        "FROM ./model.gguf",
        f'TEMPLATE """{template}"""',
        *(f'PARAMETER stop "{one}"' for one in content.end_tokens),
        "PARAMETER temperature 0",
    ]
    return "\n".join(lines)


def _message(content: ExplainFile) -> str:
    return json.dumps({"role": "user", "content": _asked(content)}, ensure_ascii=False)


def _shell(text: str) -> str:
    return text.replace("'", "'\\''")


def _fenced(text: str, kind: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{kind}\n{text.rstrip(chr(10))}\n{fence}"
