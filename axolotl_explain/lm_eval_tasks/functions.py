"""What the YAML files beside this one call by `!function`.

The harness runs this file anew for each of these, so it keeps no state. Data and level
come from its `--metadata`, in which it mixes the arguments of the model.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from datasets import Dataset

from axolotl_explain.answers import exact_match
from axolotl_explain.errors import ExplainError, at, install_excepthook, shown
from axolotl_explain.evaluation.asking import read_examples
from axolotl_explain.evaluation.harness import judged, rows_of, settings_of
from axolotl_explain.example import Example
from axolotl_explain.rows import read_rows
from axolotl_explain.shipped import example_path

LOG = logging.getLogger("lm_eval.axolotl_explain")
GENRES = "movie_genres/test.jsonl"
GSM8K = "openai/gsm8k"
CALCULATION = re.compile(r"<<[^<>]*>>")
"""What GSM8K has for a calculator: `48/2 = <<48/2=24>>24`."""


def generated(
    task: str, data: str | None = None, **metadata: Any
) -> dict[str, Dataset]:
    """Problems that `axolotl explain generate` wrote.

    Raises:
        ExplainError: if no file is named, or it holds something else.
    """
    install_excepthook()
    if data is None:
        raise ExplainError(
            "metadata: data: missing; name a file of `axolotl explain generate "
            f'{task.replace("_", "-")}`: --metadata \'{{"data": "data/test.jsonl"}}\'.'
        )
    examples = read_examples(data)
    for number, example in enumerate(examples, start=1):
        found = example.meta.get("task")
        if found != task:
            raise ExplainError(
                at(data, f"row {number}", f"meta.task: {shown(found)} is not {task}.")
            )
    return _dataset(examples, data, metadata)


def movie_genres(data: str | None = None, **metadata: Any) -> dict[str, Dataset]:
    """The shipped film plots, or a file in their format."""
    install_excepthook()
    data = data or str(example_path(GENRES))
    return _dataset(read_examples(data), data, metadata)


def gsm8k(data: str | None = None, **metadata: Any) -> dict[str, Dataset]:
    """The test split on the hub, or a local file with its columns.

    Raises:
        ExplainError: naming the row, if an answer has no line `#### 72`.
    """
    install_excepthook()
    rows = read_rows(data) if data else read_rows(GSM8K, "test", "main")
    data = data or GSM8K
    examples = [
        _school_problem(data, number, row) for number, row in enumerate(rows, start=1)
    ]
    return _dataset(examples, data, metadata)


def _school_problem(data: str, number: int, row: Mapping[str, Any]) -> Example:
    """A row of GSM8K; its solution is the long explanation."""
    question, solution = row.get("question"), row.get("answer")
    steps, mark, answer = str(solution).rpartition("\n####")
    if not mark or not question:
        raise ExplainError(
            at(
                data,
                f"row {number}",
                "GSM8K has a question, and an answer whose last line is such as "
                f"'#### 72'; this row has {', '.join(row)}.",
            )
        )
    return Example(
        instruction=str(question).strip(),
        answer=answer.strip(),
        explanations={"long": CALCULATION.sub("", steps).strip()},
    )


def _dataset(
    examples: Sequence[Example], data: str, metadata: Mapping[str, Any]
) -> dict[str, Dataset]:
    recipe, level = metadata.get("recipe"), metadata.get("level")
    settings, level = settings_of(data, recipe, level, metadata.get("level_request"))
    prompts = f"as {recipe} asks" if recipe else "in the default prompt"
    LOG.info("%d rows of %s, %s, at level %s", len(examples), data, prompts, level)
    try:
        return {"test": Dataset.from_list(rows_of(examples, settings, level))}
    except ExplainError as error:
        raise ExplainError(at(data, error)) from None


def strict(
    completions: Sequence[Sequence[str]], rows: Sequence[Mapping[str, Any]]
) -> list[list[str]]:
    """The answer behind the marker; empty where there is none."""
    return [
        [judged(row, text).extracted or "" for text in texts]
        for texts, row in zip(completions, rows, strict=True)
    ]


def flexible(
    completions: Sequence[Sequence[str]], rows: Sequence[Mapping[str, Any]]
) -> list[list[bool]]:
    """Whether a completion gives the answer in any form."""
    return [
        [judged(row, text).flexible_match for text in texts]
        for texts, row in zip(completions, rows, strict=True)
    ]


def metrics(row: Mapping[str, Any], found: Sequence[str | bool]) -> dict[str, bool]:
    """The metrics of one row, of what one of the two filters found."""
    (one,) = found
    if isinstance(one, bool):
        return {"flexible_match": one}
    return {"exact_match": exact_match(one, row["answer"]), "parsed_rate": bool(one)}
