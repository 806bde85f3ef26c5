"""The section of a model card that says how to ask the model."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from axolotl_explain.core.levels import Level
from axolotl_explain.core.target import with_request
from axolotl_explain.recipe.explain_file import ExplainFile
from axolotl_explain.support.whole_file import write_whole

CARD = "README.md"
BEGIN, END = "<!-- how to ask: begin -->", "<!-- how to ask: end -->"
QUESTION = "What is 3 + 4?"
HEADING = re.compile(r"^## ", re.MULTILINE)
SECTION = re.compile(rf"{BEGIN}.*?{END}\n*", re.DOTALL)

Prompts = Mapping[Level, str]
"""Level -> the prompt of QUESTION as text; empty where prompts are no text."""


def add_to_card(folder: Path, content: ExplainFile, prompts: Prompts) -> bool:
    """Put the section into the card of a folder; False where there is no card.

    What stands in the card stays; an earlier section of ours is replaced.
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
    section = f"{BEGIN}\n{card_section(content, prompts, folder.name)}\n{END}\n\n"
    lead = "" if heading or text.endswith("\n\n") else "\n"
    write_whole(card, f"{text[:at]}{lead}{section}{text[at:]}")
    return True


def card_section(content: ExplainFile, prompts: Prompts, name: str) -> str:
    """The section, in Markdown.

    Args:
        name: of the folder, by which the lines to copy call it.
    """
    parts = [
        "## How to ask this model",
        _summary(content),
        *(_prompt(level, prompts[level]) for level in prompts),
        *_levels(content),
        _transformers(content, prompts, name),
    ]
    if content.kind != "seq2seq":
        parts += [_vllm(content, name), _llama_cpp(content, prompts)]
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


def _vllm(content: ExplainFile, name: str) -> str:
    model = name if content.adapter is None else "tuned"
    serve = f"vllm serve {name}"
    if content.adapter is not None:
        serve = (
            f"vllm serve {content.base_model} --tokenizer {name} --enable-lora "
            f"--lora-modules tuned={name}"
        )
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


def _llama_cpp(content: ExplainFile, prompts: Prompts) -> str:
    folder = "." if content.adapter is None else "merged"
    lines = [
        *(["# first: axolotl merge-lora RECIPE"] if content.adapter else []),
        f"python convert_hf_to_gguf.py {folder} --outfile model.gguf",
        "llama-server -m model.gguf --jinja",
    ]
    said = "With llama.cpp:\n\n" + _fenced("\n".join(lines), "sh")
    prompt = next((one for one in prompts.values() if one.count(QUESTION) == 1), "")
    if not prompt:
        return said
    level = next(level for level, one in prompts.items() if one == prompt)
    asked = with_request(QUESTION, level, content.requests)
    template = prompt.replace(asked, "{{ .Prompt }}")
    stops = "\n".join(f'PARAMETER stop "{one}"' for one in content.end_tokens)
    modelfile = f'FROM ./model.gguf\nTEMPLATE """{template}"""\n{stops}\n'
    modelfile += "PARAMETER temperature 0"
    return f"{said}\n\nWith Ollama, a Modelfile:\n\n" + _fenced(modelfile, "text")


def _message(content: ExplainFile) -> str:
    return json.dumps({"role": "user", "content": _asked(content)}, ensure_ascii=False)


def _shell(text: str) -> str:
    return text.replace("'", "'\\''")


def _fenced(text: str, kind: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{kind}\n{text.rstrip(chr(10))}\n{fence}"
