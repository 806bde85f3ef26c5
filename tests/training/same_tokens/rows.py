"""The datasets of the cases: rows by name, or the text of a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.fixtures.bench import ROOT, sum_row, write_jsonl

PRESETS = ROOT / "tests" / "sources" / "presets" / "rows"
ODD: list[dict[str, Any]] = [
    {
        "instruction": "Which colour 🌈 has the «sky» — ein paar Wörter genügen.",
        "input": "",
        "answer": "bleu clair 💙",
        "explanations": {
            "short": "☀️ → 💙.",
            "medium": "Naïve façade… 日本語の説明。",
            "long": "Шаг 1: смотрим вверх.\n\n天空是蓝色的。\n👩\u200d👧 e\u0301 vs é.",
        },
    },
    {
        "id": "lines",
        "instruction": "Add the numbers.\nWrite down\teach step.",
        "input": "  4\n  7\r\n\r\n",
        "answer": "11",
        "explanations": {
            "short": "4 + 7\n= 11",
            "medium": "- 4 and 7\n- make 11\n\n",
            "long": "Step 1:\n    4 + 7 = 11\n\nStep 2:\n\t11 is odd.\n  Done.\n",
        },
        "meta": {"source": "a book", "page": 7},
    },
    {
        "id": "tokens",
        "instruction": "<|im_start|>system\nSay </s> and <|eot_id|>, please [/INST]",
        "input": "### Response:\nFinal answer: 12",
        "answer": "a | b: <|im_end|> <eos>",
        "explanations": {
            "short": "Final answer: c",
            "medium": "<think>Hm.</think> So d.",
            "long": "One. Two! Three? Dr. Who says 3.14 is near.\n#### 5",
        },
    },
]
SUMS = [sum_row(index) for index in range(4)]
MIXED = [SUMS[1], *ODD]
PLAIN_ANSWERS = [
    SUMS[1],
    *({**row, "answer": answer} for row, answer in zip(ODD, "123", strict=True)),
]
"""The same where a tokenizer has to know every character of an answer."""
LONG_STEPS = " ".join(f"Step {number} is a small step." for number in range(60))
LONG_LINES = "\n".join(f"line {number} goes on and on" for number in range(50))
LONG = [
    sum_row(1),
    sum_row(2, explanations={"long": LONG_STEPS}),
    sum_row(3, explanations={"long": LONG_LINES}),
    sum_row(4, explanations={"long": "word " * 120}),
    sum_row(5, input="a long input of words " * 40),
    sum_row(6, answer="a long answer of words " * 40),
]
GAPS = [
    sum_row(1),
    sum_row(2, explanations={"short": "7 + 9."}),
    sum_row(3, explanations={"short": "10 + 11.", "long": "From 10, go up by 11."}),
    sum_row(4, explanations={}),
]
REQUESTED = [
    sum_row(index, level=level)
    for index, level in enumerate(("none", "short", "medium", "long"))
]
ONE_EACH = [
    sum_row(0, explanations={"long": "We add: 1 + 5 = 6."}),
    sum_row(1, explanations={"long": "Four. Then seven more. 4 + 7 = 11. Right."}),
    sum_row(2, explanations={"long": "It is sixteen."}),
    sum_row(3, explanations={"long": "10 + 10 = 20\n20 + 1 = 21\nSo 21 it is."}),
    sum_row(4, explanations={"long": "A sentence that has no end but goes on " * 3}),
    sum_row(5, explanations={"medium": "16 + 15 = 31. Yes."}),
]
ARRIVES = [
    sum_row(0),
    sum_row(1, explanations={"long": "4 and 7 make 12."}),
    sum_row(2, explanations={"long": "They are added."}),
    sum_row(3, explanations={"long": "The answer is 21."}),
    sum_row(4, explanations={"long": "So \\boxed{26}.\n#### 27"}),
]
SEVERAL: list[dict[str, Any]] = [
    {"q": "Why?", "a": "so", "s": "be kind", "w": ["One.", "Two two.", "3 3 3 3."]},
    {"q": "How?", "a": "thus", "s": "", "w": ["Alone."]},
    {"q": "When?", "a": "now", "s": None, "w": ["Once.", "Then and then."]},
]
TALKS: list[dict[str, Any]] = [
    {
        "messages": [
            {"role": "system", "content": "Be exact."},
            {"role": "user", "content": "Hello."},
            {"role": "assistant", "content": "Hi."},
            {"role": "user", "content": "What is 3 + 4?"},
            {"role": "assistant", "content": "<think>3, then 4.\nSo 7.</think>\n7"},
        ]
    },
    {
        "messages": [
            {"role": "user", "content": "What is 5 + 4? 🤔"},
            {"role": "assistant", "content": "<think>5 + 4</think>9"},
        ]
    },
]
FIELDS: list[dict[str, Any]] = [
    {
        "messages": [
            {"role": "user", "content": "What is 5 + 4?"},
            {"role": "assistant", "content": "9", "reasoning_content": "5 + 4 is 9."},
        ]
    },
]
SEPARATED: list[dict[str, Any]] = [
    {
        "conversations": [
            {"from": "human", "value": "What is 5 + 4?"},
            {"from": "gpt", "value": "5 + 4 is 9.\n#### 9"},
        ]
    }
]
BAD = [
    sum_row(1),
    sum_row(2, answer=""),
    sum_row(3, instruction=" "),
    sum_row(4, answer=None),
]
MANY = [sum_row(index) for index in range(8)]
ALPACA = [{"instruction": "Say hello.", "input": "", "output": "Hello."}]
ROWS: dict[str, list[dict[str, Any]]] = {
    "sums": SUMS,
    "mixed": MIXED,
    "plain_answers": PLAIN_ANSWERS,
    "long": LONG,
    "gaps": GAPS,
    "requested": REQUESTED,
    "one_each": ONE_EACH,
    "arrives": ARRIVES,
    "several": SEVERAL,
    "talks": TALKS,
    "fields": FIELDS,
    "separated": SEPARATED,
    "bad": BAD,
    "many": MANY,
    "alpaca": ALPACA,
}
HEAD = ("id", "instruction", "input", "answer", "explanation_short", "explanation_long")
TABLES = {
    "table.csv": f"{','.join(HEAD)}\n"
    '007,Agent?,,007,"M says ""go"", so","One,\ntwo 🕵️."\n'
    "8,Nothing?,nan,None,NA,null\n",
    "table.tsv": "\t".join(HEAD) + "\n"
    "007\tAgent?\t\t007\tM says go, so\tOne, two.\n"
    '8\tQuoted?\t1.50\tTrue\t"a\tb"\t1e3\n',
}
"""Texts that a reader that guesses types would change."""


def write_rows(name: str, folder: Path) -> dict[str, str]:
    """Write a dataset; return the keys by which a recipe's entry names it."""
    if name in TABLES:
        path = folder / name
        path.write_text(TABLES[name], "utf-8", newline="")
        return {"path": str(path), "ds_type": "csv"}
    if name in ROWS:
        path = folder / f"{name}.jsonl"
        return {"path": write_jsonl(path, ROWS[name]), "ds_type": "json"}
    return {"path": str(PRESETS / f"{name}.jsonl"), "ds_type": "json"}
