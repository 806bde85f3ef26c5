"""Recipes with one fault each, and the clean twin of each one.

A fault is what it changes in the twin: keys of the recipe, rows of one data file, or
the bytes of that file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
GENRES = ROOT / "examples" / "movie_genres" / "train.jsonl"
PLACES = ("shed", "harbour", "library", "orchard", "station", "bakery", "mill", "quay")
THINGS = ("crates", "lamps", "maps", "ropes", "bells", "jars", "wheels", "coats")
REMOVED = object()
"""As a value: the key is taken out."""

Rows = list[dict[str, Any]]


def stock_row(index: int) -> dict[str, Any]:
    """A row of a stocktaking; no two are alike."""
    place, thing = PLACES[index % 8], THINGS[index // 8 % 8]
    there, come = 11 + 3 * index, 5 + 7 * index
    return {
        "id": f"stock-{index}",
        "instruction": f"How many {thing} does the {place} hold in the end?",
        "input": f"It holds {there} of them, and {come} more come.",
        "answer": f"{there + come} {thing}",
        "explanations": {
            "short": f"{there} and {come}.",
            "medium": f"{there} plus {come} makes {there + come}.",
            "long": f"There are {there} at first. Then {come} arrive at the {place}. "
            f"{there} + {come} = {there + come}.",
        },
    }


def changed(position: int, **changes: Any) -> Callable[[Rows], Rows]:
    """Rows with other fields in one of them."""

    def change(rows: Rows) -> Rows:
        rows[position] = {**rows[position], **changes}
        return rows

    return change


def many(number: int, **changes: Any) -> Callable[[Rows], Rows]:
    """Rows with other fields in the first so many; `{n}` is the place of a row."""

    def filled(value: Any, place: int) -> Any:
        if isinstance(value, dict):
            return {key: filled(one, place) for key, one in value.items()}
        return value.replace("{n}", str(place))

    def change(rows: Rows) -> Rows:
        return [
            {**row, **filled(changes, place)} if place < number else row
            for place, row in enumerate(rows)
        ]

    return change


@dataclass
class Fault:
    """One planted fault."""

    code: str
    recipe: dict[str, Any] = field(default_factory=dict)
    """Keys that differ from the twin."""
    entry: dict[str, Any] = field(default_factory=dict)
    """Keys of the training entry that differ."""
    train: Callable[[Rows], Rows] = lambda rows: rows
    test: Callable[[Rows], Rows] = lambda rows: rows
    raw: bytes | None = None
    """Content of the training file, in place of rows."""
    extra: dict[str, str] = field(default_factory=dict)
    """Other files: name -> content."""
    twin: dict[str, Any] = field(default_factory=dict)
    """Keys of the recipe that both have beyond the common ones."""
    twin_entry: dict[str, Any] = field(default_factory=dict)
    rows: tuple[int, ...] = ()
    """Row numbers that the finding names."""


def explained(text: str) -> dict[str, Any]:
    """The long explanation of a row, replaced."""
    return {"explanations": {"long": text}}


LORA = {
    "adapter": "lora",
    "lora_r": 8,
    "lora_alpha": 16,
    "lora_target_linear": True,
    "lora_mlp_kernel": False,
    "lora_qkv_kernel": False,
    "lora_o_kernel": False,
    "lora_embedding_kernel": False,
}
QLORA = {**LORA, "adapter": "qlora", "load_in_4bit": True}
CHAT = {"type": "axolotl_explain.chat"}
BEST = {
    "explain": {"evaluation": {"data": "test.jsonl", "rows": 2}},
    "metric_for_best_model": "explain/long/exact_match",
    "load_best_model_at_end": True,
    "eval_steps": 10,
    "save_steps": 10,
}
EVALUATED = {
    "explain": {"evaluation": {"data": "test.jsonl", "rows": 2}},
    "eval_steps": 10,
}
PACKED = {
    "sample_packing": True,
    "eval_sample_packing": False,
    "attn_implementation": "sdpa",
}
ACCUMULATED = {"micro_batch_size": 1, "gradient_accumulation_steps": 2}
SPACED = "{{ instruction }} {{ input }} Reply: "
TEMPLATE = {"template": "{{ instruction }} {{ input }}\n"}
TALE = (
    "Before the fair the keeper walks along every shelf with a lantern, reads out what "
    "is written on each label, and her brother notes it in a long green ledger."
)
WORDS = "one row of the stock book that goes on and on without any end at all "
TALK = [
    {"role": "user", "content": "And how many crates in all?"},
    {"role": "assistant", "content": "The answer is 26 crates."},
]
SHOWS_META = (
    "{{ instruction }} {{ input }}\n{% if meta.gold is defined %}{{ meta.gold }}\n"
    "{% endif %}"
)
TURNS = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n"
    "{% endfor %}"
)
OPEN = "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
CHATML = {"chat_template": "jinja", "chat_template_jinja": TURNS + OPEN}
DATED = {"chat_template_jinja": "{{ strftime_now('%d %b %Y') }}\n" + TURNS + OPEN}
SAME_WORDS = dict.fromkeys(("none", "short", "medium", "long"), "Explain.")
STATED = "Count them all again. The answer is 21."

FAULTS: dict[str, Fault] = {
    "plugin-left-out": Fault("plugin-missing", {"plugins": REMOVED}),
    "plugin-misspelt": Fault(
        "plugin-not-importable", {"plugins": ["axolotl_explained.ExplainPlugin"]}
    ),
    "type-misspelt": Fault("type-unknown", entry={"type": "axolotl_explian.instruct"}),
    "recipe-key-misspelt": Fault("misspelt-key", {"gradient_accumulation_step": 2}),
    "entry-key-misspelt": Fault("misspelt-key", entry={"data_file": "x"}),
    "recipe-key-unknown": Fault("unknown-key", {"zebra_stripes": 3}),
    "key-twice": Fault("duplicate-key", {"num_epochs": "1\nnum_epochs: 2"}),
    "option-unknown": Fault("explain-block", entry={"explain": {"levle": "long"}}),
    "end-not-trained": Fault("key-unread", entry={"train_on_eos": "none"}),
    "conversations-named-elsewhere": Fault(
        "key-unread", entry={"field_messages": "dialog"}, twin_entry=CHAT
    ),
    "preferences": Fault("key-unread", {"rl": "dpo"}),
    "reward-model": Fault("key-unread", {"reward_model": True}),
    "long-rows-cut": Fault("key-unread", {"excess_length_strategy": "truncate"}),
    "file-missing": Fault("file-missing", entry={"path": "data/trian.jsonl"}),
    "qlora-in-8bit": Fault(
        "axolotl-refuses", {"load_in_4bit": False, "load_in_8bit": True}, twin=QLORA
    ),
    "targets-missing": Fault(
        "lora-targets-missing", {"lora_target_linear": REMOVED}, twin=LORA
    ),
    "adapter-without-rank": Fault("lora-rank-missing", {"lora_r": REMOVED}, twin=LORA),
    "adapter-without-scale": Fault(
        "lora-rank-missing", {"lora_alpha": REMOVED}, twin=LORA
    ),
    "packed-into-no-batch": Fault(
        "nothing-trained",
        {"micro_batch_size": 64},
        twin=PACKED,
    ),
    "packed-without-a-kernel": Fault(
        "packed-rows-see-each-other", {"attn_implementation": REMOVED}, twin=PACKED
    ),
    "unlike-targets-accumulated": Fault(
        "loss-per-micro-batch",
        {"explain": {"level": "all"}},
        twin={**ACCUMULATED, "explain": {"level": "all", "loss": {}}},
    ),
    "weight-high": Fault(
        "explain-block",
        {"explain": {"loss": {"weights": {"explanation": "high"}}}},
        twin={"explain": {"loss": {"weights": {"explanation": 0.3}}}},
    ),
    "weight-without-effect": Fault(
        "explain-block",
        entry={"explain": {"level": "none"}},
        twin={"explain": {"loss": {"weights": {"explanation": 0.3}}}},
    ),
    "weight-of-what-no-row-has": Fault(
        "explain-block",
        train=lambda rows: [{**row, "explanations": {}} for row in rows],
        twin={"explain": {"loss": {"weights": {"explanation": 0.3}}}},
        twin_entry={"explain": {"level": "all"}},
    ),
    "fused-loss": Fault(
        "explain-block",
        {"chunked_cross_entropy": True},
        twin={"explain": {"loss": {}}},
    ),
    "no-epoch": Fault("explain-block", {"num_epochs": 0}),
    "no-step": Fault("explain-block", {"max_steps": 0}),
    "evaluation-that-never-happens": Fault(
        "explain-block", {"eval_steps": REMOVED}, twin=EVALUATED
    ),
    "evaluation-of-an-untrained-level": Fault(
        "explain-block",
        {"explain": {"evaluation": {"data": "test.jsonl", "levels": ["short"]}}},
        twin=EVALUATED,
    ),
    "adapter-forgotten": Fault("lora-keys-unused", {"adapter": REMOVED}, twin=LORA),
    "kernels-on-cpu": Fault("kernels-need-gpu", {"lora_o_kernel": REMOVED}, twin=LORA),
    "bnb-without-4bit": Fault(
        "bnb-keys-unused", {"bnb_config_kwargs": {"bnb_4bit_quant_type": "nf4"}}
    ),
    "rate-of-another-kind": Fault("learning-rate-unusual", {"learning_rate": 0.05}),
    "metric-upside-down": Fault(
        "metric-direction", {"greater_is_better": False}, twin=BEST
    ),
    "metric-of-another-level": Fault(
        "metric-level",
        {"metric_for_best_model": "explain/short/exact_match"},
        twin=BEST,
    ),
    "beyond-the-context": Fault("sequence-len-over-context", {"sequence_len": 4096}),
    "thinking-without-field": Fault(
        "thinking-lost",
        entry={"explain": {"thinking": True}},
        twin_entry={**CHAT, "explain": {"thinking": False}},
    ),
    "template-names-nothing": Fault(
        "template-faulty",
        entry={"explain": {"template": "{{ instrction }}\n"}},
        twin_entry={"explain": TEMPLATE},
        rows=(1, 2, 3, 4, 5),
    ),
    "prompt-ends-in-space": Fault(
        "prompt-ends-in-space",
        entry={"explain": {"template": SPACED}},
        twin_entry={"explain": TEMPLATE},
        rows=(1, 2, 3, 4, 5),
    ),
    "prompt-glued-on": Fault(
        "prompt-runs-into-target",
        entry={"explain": {"template": SPACED.strip(": ")}},
        twin_entry={"explain": TEMPLATE},
        rows=(1, 2, 3, 4, 5),
    ),
    "template-with-the-date": Fault(
        "dated-template", DATED, twin=CHATML, twin_entry=CHAT
    ),
    "template-without-a-prompt": Fault(
        "no-generation-prompt",
        {"chat_template_jinja": TURNS},
        twin=CHATML,
        twin_entry=CHAT,
    ),
    "template-without-input": Fault(
        "template-faulty",
        entry={"explain": {"template": "{{ instruction }}\n"}},
        twin_entry={"explain": TEMPLATE},
        rows=(1, 2, 3, 4, 5),
    ),
    "template-without-the-level": Fault(
        "template-faulty",
        entry={"explain": {"template": "{{ input }}\n", "level": "all"}},
        twin_entry={"explain": {**TEMPLATE, "level": "all"}},
    ),
    "one-request-for-all": Fault(
        "explain-block",
        entry={"explain": {"level": "all", "level_requests": SAME_WORDS}},
        twin_entry={"explain": {"level": "all"}},
    ),
    "answer-in-thoughts": Fault(
        "answer-not-extractable",
        train=changed(2, answer="<think></think>20 crates"),
        rows=(3,),
    ),
    "answer-missing": Fault("row-unreadable", train=changed(3, answer=" "), rows=(4,)),
    "level-missing": Fault(
        "level-missing",
        train=changed(6, explanations={"short": "7 and 9."}),
        rows=(7,),
    ),
    "level-rare": Fault(
        "level-often-replaced",
        train=many(3, explanations={"short": "It is counted, {n} first."}),
        twin_entry={"explain": {"on_missing_level": "nearest"}},
        rows=(1, 2, 3),
    ),
    "many-bad-rows": Fault(
        "many-rows-skipped",
        train=many(2, answer=""),
        twin_entry={"explain": {"on_bad_row": "skip"}},
        rows=(1, 2),
    ),
    "answer-of-two-lines": Fault(
        "answer-not-extractable",
        train=changed(2, answer="21\n32"),
        entry={"explain": {"order": "answer_first"}},
        twin_entry={"explain": {"order": "answer_first"}},
        rows=(3,),
    ),
    "answer-as-input": Fault(
        "answer-in-prompt",
        train=changed(5, input=stock_row(5)["answer"].upper()),
        rows=(6,),
    ),
    "answer-told": Fault(
        "answer-in-prompt",
        train=changed(1, instruction="How many in all? The answer is 26 crates."),
        rows=(2,),
    ),
    "answer-in-the-system-prompt": Fault(
        "answer-in-prompt",
        train=changed(1, system="Be brief. The answer is 26 crates."),
        rows=(2,),
    ),
    "answer-ordered": Fault(
        "answer-in-prompt",
        train=changed(1, instruction="How many in all? Reply with 26 crates."),
        rows=(2,),
    ),
    "answer-behind-the-question": Fault(
        "answer-in-prompt",
        train=changed(1, input="It holds 14 of them, and 12 more come.\n26 crates"),
        rows=(2,),
    ),
    "answer-as-a-label": Fault(
        "answer-in-prompt",
        train=changed(1, input='{"there": 14, "label": "26 crates"}'),
        rows=(2,),
    ),
    "answer-in-the-history": Fault(
        "answer-in-prompt", train=changed(1, history=TALK), rows=(2,)
    ),
    "answer-in-meta": Fault(
        "answer-in-prompt",
        train=lambda rows: [{**row, "meta": {"gold": row["answer"]}} for row in rows],
        twin_entry={"explain": {"template": SHOWS_META}},
        rows=(1, 2, 3, 4, 5),
    ),
    "explanation-told": Fault(
        "explanation-in-prompt",
        train=changed(1, input="Hint: " + stock_row(1)["explanations"]["long"]),
        rows=(2,),
    ),
    "other-answer-explained": Fault(
        "explanation-contradicts", train=changed(0, **explained(STATED)), rows=(1,)
    ),
    "row-twice": Fault(
        "duplicate-rows", train=lambda rows: [*rows, rows[4]], rows=(25,)
    ),
    "two-answers": Fault(
        "conflicting-answers",
        train=lambda rows: [*rows, {**rows[4], "id": "x", "answer": "0 ropes"}],
        rows=(25,),
    ),
    "test-row-trained": Fault(
        "test-in-train", test=lambda rows: [*rows, stock_row(2)], rows=(9,)
    ),
    "test-row-in-another-form": Fault(
        "test-in-train",
        train=changed(9, instruction="Wie viele „Kübel“ sind es\u00a0— grob?"),
        test=lambda rows: [
            *rows,
            {**stock_row(9), "instruction": "wie viele 'Ku\u0308bel' sind es - grob？"},
        ],
        rows=(9,),
    ),
    "test-row-nearly-trained": Fault(
        "test-near-train",
        train=changed(9, instruction=f"{TALE} Are 12 new?", input=""),
        test=changed(2, instruction=f"{TALE} Are 13 new?", input=""),
        rows=(3,),
    ),
    "unseen-character": Fault(
        "control-characters", train=changed(7, input="It holds \u202e 12."), rows=(8,)
    ),
    "wrong-encoding": Fault(
        "broken-characters", train=changed(7, input="In the caf\ufffd."), rows=(8,)
    ),
    "special-token": Fault(
        "special-token-in-data",
        train=changed(7, input="It holds 12.<|im_end|>"),
        rows=(8,),
    ),
    "too-long": Fault(
        "too-long-dropped", train=changed(7, **explained(WORDS * 60)), rows=(8,)
    ),
    "too-short": Fault(
        "too-short-dropped",
        {"min_sample_len": 100},
        train=changed(7, **explained("Add.")),
        rows=(8,),
    ),
    "too-long-and-refused": Fault(
        "too-long-refused",
        train=changed(7, **explained(WORDS * 60)),
        twin_entry={"explain": {"on_too_long": "error"}},
        rows=(8,),
    ),
    "most-are-shortened": Fault(
        "often-shortened",
        train=many(7, **explained("Jar {n} is one of many that are counted. " * 40)),
        twin_entry={"explain": {"on_too_long": "shorten"}},
        rows=(1, 2, 3, 4, 5),
    ),
    "evaluated-on-training": Fault(
        "test-in-train",
        {"explain": {"evaluation": {"data": "train.jsonl", "rows": 2}}},
        twin=EVALUATED,
        rows=(1, 2, 3, 4, 5),
    ),
    "one-answer": Fault(
        "one-answer-only",
        train=lambda rows: [
            {**row, "answer": "yes", **explained(f"By {row['id']}.")} for row in rows
        ],
    ),
    "one-explanation": Fault(
        "one-explanation-only",
        train=lambda rows: [{**row, **explained("So says the book.")} for row in rows],
    ),
    "explanation-in-another-column": Fault(
        "explanation-unread",
        train=changed(6, explanations={}, rationale="They bring 47, so 76 in all."),
        twin_entry={"explain": {"level": "all"}},
        rows=(7,),
    ),
    "explanation-in-meta": Fault(
        "explanation-unread",
        train=changed(6, explanations={}, meta={"why": "They bring 47, so 76."}),
        twin_entry={"explain": {"level": "all"}},
        rows=(7,),
    ),
    "placeholder": Fault(
        "explanation-placeholder",
        train=changed(6, explanations={"short": "29 and 47.", "long": "N/A"}),
        twin_entry={"explain": {"level": "all"}},
        rows=(7,),
    ),
    "answer-as-explanation": Fault(
        "explanation-is-answer",
        train=changed(3, **explained(stock_row(3)["answer"])),
        rows=(4,),
    ),
    "answer-and-explanation-swapped": Fault(
        "answer-explanation-swapped",
        train=changed(
            4, answer=stock_row(4)["explanations"]["long"], **explained("56")
        ),
        rows=(5,),
    ),
    "answer-still-to-do": Fault(
        "answer-placeholder", train=changed(4, answer="TODO"), rows=(5,)
    ),
    "answer-in-a-box": Fault(
        "answer-wrapped", train=changed(4, answer="\\boxed{56 crates}"), rows=(5,)
    ),
    "answer-in-quotes": Fault(
        "answer-wrapped", train=changed(4, answer='"56 crates"'), rows=(5,)
    ),
    "answer-that-failed": Fault(
        "answer-placeholder", train=changed(4, answer="ERROR"), rows=(5,)
    ),
    "answer-line-inside": Fault(
        "marker-in-explanation",
        train=changed(4, **explained("Try.\nFinal answer: 3\nNo: 23 + 33 = 56.")),
        rows=(5,),
    ),
    "answers-in-two-cases": Fault(
        "answer-spellings",
        train=lambda rows: [
            *rows[:-1],
            {**rows[-1], "answer": rows[0]["answer"].upper() + "."},
        ],
    ),
    "levels-swapped": Fault(
        "levels-out-of-order",
        train=changed(7, explanations={"short": WORDS, "long": "12."}),
        rows=(8,),
    ),
    "json-cut-off": Fault(
        "data-unreadable",
        raw=json.dumps(stock_row(0)).encode() + b'\n{"id": "x',
        rows=(2,),
    ),
    "empty-file": Fault("data-unreadable", raw=b""),
    "latin-1": Fault(
        "data-unreadable",
        raw=b"".join(
            json.dumps({**stock_row(n), "answer": answer}, ensure_ascii=False).encode(
                "latin-1"
            )
            + b"\n"
            for n, answer in enumerate(("three", "f\xfcnf", "four"))
        ),
        rows=(2,),
    ),
    "comma-too-many": Fault(
        "data-unreadable",
        entry={"path": "rows.csv", "ds_type": "csv"},
        extra={
            "rows.csv": "instruction,answer,explanation_long\n"
            'How many?,12,"Ten, and two."\nHow many?,7,Five, and two.\n'
        },
        rows=(2,),
    ),
    "json-key-twice": Fault(
        "data-unreadable",
        raw=json.dumps(stock_row(0)).encode()[:-1] + b', "answer": "no"}\n',
        rows=(1,),
    ),
    "answer-nan": Fault(
        "row-unreadable", train=changed(3, answer=float("nan")), rows=(4,)
    ),
    "ds-type-of-another-kind": Fault("explain-block", entry={"ds_type": "csv"}),
    "split-misspelt": Fault("explain-block", entry={"split": "train[:50%"}),
    "evaluation-of-other-columns": Fault(
        "row-unreadable",
        {
            "explain": {"evaluation": {"data": "other.jsonl", "rows": 2}},
            "eval_steps": 10,
        },
        extra={"other.jsonl": '{"question": "How many?", "label": "12"}\n'},
        rows=(1,),
    ),
}
"""Name -> fault."""


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """One block over another; `REMOVED` takes a key out."""
    both = {**base, **changes}
    return {key: value for key, value in both.items() if value is not REMOVED}


def write_rows(path: Path, rows: Rows) -> None:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), "utf-8")


def common(model: Path) -> dict[str, Any]:
    """A clean recipe for a CPU, without its datasets."""
    return {
        "base_model": str(model),
        "plugins": ["axolotl_explain.ExplainPlugin"],
        "output_dir": "out",
        "sequence_len": 256,
        "micro_batch_size": 2,
        "gradient_accumulation_steps": 1,
        "num_epochs": 1,
        "optimizer": "adamw_torch",
        "learning_rate": 0.0001,
        "bf16": False,
    }


def plant(folder: Path, model: Path, fault: Fault, twin: bool) -> Path:
    """Write a recipe with its two files; the twin is the one without the fault."""
    train = [stock_row(index) for index in range(24)]
    test = [stock_row(index) for index in range(100, 108)]
    entry = {"path": "train.jsonl", "ds_type": "json"}
    entry = {**entry, "type": "axolotl_explain.instruct", **fault.twin_entry}
    recipe = {**common(model), **fault.twin}
    held_out = {**entry, "path": "test.jsonl"}
    if not twin:
        recipe, entry = merged(recipe, fault.recipe), merged(entry, fault.entry)
        train, test = fault.train(train), fault.test(test)
    write_rows(folder / "train.jsonl", train)
    write_rows(folder / "test.jsonl", test)
    if fault.raw is not None and not twin:
        (folder / "train.jsonl").write_bytes(fault.raw)
    for name, content in fault.extra.items():
        (folder / name).write_text(content, "utf-8", newline="")
    recipe = {**recipe, "datasets": [entry], "test_datasets": [held_out]}
    source = yaml.safe_dump(recipe, sort_keys=False)
    file = folder / "recipe.yml"
    # A key that stands twice cannot be said as a mapping.
    file.write_text(source.replace("'1\n\n  num_epochs: 2'", "1\nnum_epochs: 2"))
    return file
