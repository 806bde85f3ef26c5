"""Sums to explain, and rules by which a teacher is asked about them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from axolotl_explain.core.example import Example
from axolotl_explain.servers.server_reply import ServerReply
from axolotl_explain.teacher.annotate import Annotation
from axolotl_explain.teacher.prompt_files import load_prompts
from axolotl_explain.teacher.row_questions import Attempt, RowResult, RowRules, ask_row
from axolotl_explain.teacher.teacher_request import Sampling, TeacherRequest
from tests.fixtures.json_rows import write_rows

INSTRUCTION = "Add the two numbers."


def sum_of(number: int, **more: Any) -> dict[str, Any]:
    """A row with its answer alone."""
    left, right = number, 2 * number + 1
    return {
        "id": f"sum-{number}",
        "instruction": INSTRUCTION,
        "input": f"{left} {right}",
        "answer": str(left + right),
        **more,
    }


def rules(**more: Any) -> RowRules:
    """The default rules, but for what is said."""
    found = RowRules(load_prompts(None), Sampling("teacher", 200))
    return replace(found, **more)


def annotation(where: Path, rows: Iterable[dict[str, Any]], **more: Any) -> Annotation:
    """Rows in a file, to be explained into `where/explained.jsonl`."""
    facts = {"rules": rules(), "endpoint": "http://127.0.0.1:9/v1", "timeout": 20.0}
    return Annotation(
        source=write_rows(where / "rows.jsonl", rows),
        out=where / "explained.jsonl",
        **{**facts, **more},
    )


def answered(
    example: Example, by: RowRules, replies: Iterable[ServerReply | str | None]
) -> tuple[RowResult, list[TeacherRequest]]:
    """Ask about one row, where these are the replies, in order.

    None stands for a request that cannot be answered now.
    """
    questions, asked, waiting = ask_row(example, by), [], iter(replies)
    try:
        request = next(questions)
        while True:
            asked.append(request)
            reply = next(waiting)
            attempt = None
            if reply is not None:
                found = (
                    ServerReply(reply, finish="stop")
                    if isinstance(reply, str)
                    else reply
                )
                attempt = Attempt(request, found, by.accept(example, request, found))
            request = questions.send(attempt)
    except StopIteration as ended:
        assert not list(waiting), "more replies than requests"
        return ended.value, asked
