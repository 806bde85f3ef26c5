"""Requests per second of `axolotl explain annotate`, against a bare loop with httpx.

Both ask the same server, which answers at once in a process of its own, the same
requests, so many at a time; what is compared is time of this process alone as well as
time by the clock. Then the memory that many rows take, from a ledger that is there.

python benchmarks/annotating.py [--rows 5000] [--at-once 64] [--repeats 3]
    [--memory-rows 100000]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))


def measure_annotating(
    rows: int, at_once: int, repeats: int, memory_rows: int
) -> dict[str, Any]:
    """The best of a few runs of both, in turns."""
    bare, ours = [], []
    with tempfile.TemporaryDirectory() as folder, server() as url:
        source = Path(folder) / "rows.jsonl"
        write(source, rows)
        for _ in range(repeats):
            bare.append(in_process("--bare", source, url, at_once))
            ours.append(in_process("--ours", source, url, at_once))
    found: dict[str, Any] = {"requests": rows, "at_once": at_once}
    for name in ("per_second", "per_cpu_second"):
        best_bare = max(one[name] for one in bare)
        best_ours = max(one[name] for one in ours)
        found |= {
            f"bare_{name}": best_bare,
            name: best_ours,
            f"ratio_{name}": round(best_ours / best_bare, 3),
        }
    return {
        **found,
        "memory": measure_memory(memory_rows) if memory_rows else None,
    }


def measure_memory(rows: int) -> dict[str, Any]:
    """Peak memory of writing rows that a ledger explains, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "rows.jsonl"
        write(source, rows)
        return in_process("--memory", source, "http://127.0.0.1:9/v1", 1)


def in_process(what: str, source: Path, url: str, at_once: int) -> dict[str, Any]:
    """Run one of the measures in a process of its own."""
    command = [sys.executable, __file__, what, str(source), url, str(at_once)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, env=environment, check=True, capture_output=True, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@contextmanager
def server() -> Iterator[str]:
    """The stub of the tests, in a process of its own."""
    command = [sys.executable, "-m", "tests.fixtures.stub_teacher"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def write(path: Path, rows: int) -> None:
    """Sums with their answers alone."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            row = {
                "id": f"sum-{number}",
                "instruction": "Add the two numbers.",
                "input": f"{number} {2 * number + 1}",
                "answer": str(3 * number + 1),
            }
            file.write(json.dumps(row) + "\n")


def annotation(source: Path, url: str, at_once: int) -> Any:
    """One explanation a row, so that a row is a request."""
    from axolotl_explain.teacher.annotate import Annotation
    from axolotl_explain.teacher.prompt_files import load_prompts
    from axolotl_explain.teacher.row_questions import RowRules
    from axolotl_explain.teacher.teacher_request import Sampling

    return Annotation(
        source=str(source),
        out=source.with_name("explained.jsonl"),
        rules=RowRules(load_prompts(None), Sampling("teacher"), ("long",)),
        endpoint=url,
        at_once=at_once,
    )


def ours(source: Path, url: str, at_once: int) -> dict[str, Any]:
    """Ask, judge and keep every reply, as the command does."""
    from axolotl_explain.teacher.annotate import ask_rows
    from axolotl_explain.teacher.ledger import open_ledger

    what = annotation(source, url, at_once)
    path = source.with_name("ledger.jsonl")
    with open_ledger(path) as ledger:
        begin = time.perf_counter(), time.process_time()
        progress = ask_rows(what, ledger)
        found = speeds(progress.replies, begin)
    path.unlink()
    return found


def speeds(requests: int, begin: tuple[float, float]) -> dict[str, Any]:
    """By the clock, and by the time that this process was at work."""
    seconds = time.perf_counter() - begin[0]
    cpu_seconds = time.process_time() - begin[1]
    return {
        "per_second": round(requests / seconds),
        "per_cpu_second": round(requests / cpu_seconds),
    }


def bare(source: Path, url: str, at_once: int) -> dict[str, Any]:
    """Send the same requests and parse the answers, and nothing else."""
    import httpx

    from axolotl_explain.teacher.annotate import survey_rows

    survey = survey_rows(annotation(source, url, at_once), 10**9, lambda rows: None)
    bodies = iter([json.loads(one.content) for one in survey.first])

    async def loop() -> int:
        done = 0
        limits = httpx.Limits(
            max_connections=at_once, max_keepalive_connections=at_once
        )
        async with httpx.AsyncClient(limits=limits) as client:

            async def work() -> None:
                nonlocal done
                for body in bodies:
                    reply = await client.post(f"{url}/chat/completions", json=body)
                    done += bool(reply.json()["choices"])

            await asyncio.gather(*(work() for _ in range(at_once)))
        return done

    begin = time.perf_counter(), time.process_time()
    return speeds(asyncio.run(loop()), begin)


def memory(source: Path, url: str, at_once: int) -> dict[str, Any]:
    """Make a ledger with the replies of all rows, and write the rows from it."""
    from axolotl_explain.teacher.annotate import (
        examples_of,
        survey_rows,
        write_annotated,
    )
    from axolotl_explain.teacher.ledger import Entry, open_ledger
    from axolotl_explain.teacher.row_questions import ask_row

    what = annotation(source, url, at_once)
    path = source.with_name("ledger.jsonl")
    with path.open("wb") as file:
        for number, example in examples_of(what):
            request = next(ask_row(example, what.rules))
            text = f"It is {example.answer}.\nFinal answer: {example.answer}"
            facts = (request.key, number, example.id, "explain", "long", 1, None)
            file.write(Entry(*facts, "teacher", text, finish="stop").to_line())
    begin = time.perf_counter()
    with open_ledger(path) as ledger:
        survey = survey_rows(what, 0, lambda rows: None)
        summary = write_annotated(what, ledger, survey)
    seconds = time.perf_counter() - begin
    assert summary.explained == summary.rows
    return {
        "rows": summary.rows,
        "rows_per_second": round(summary.rows / seconds),
        "peak_mb": round(_peak_kib() * 1_024 / 1e6),
    }


def _peak_kib() -> int:
    """The most memory this process has held, from Linux's account of it."""
    status = Path("/proc/self/status").read_text("utf-8").splitlines()
    (line,) = [line for line in status if line.startswith("VmHWM:")]
    return int(line.split()[1])


MEASURES = {"--ours": ours, "--bare": bare, "--memory": memory}


def main() -> None:
    if sys.argv[1:2] and sys.argv[1] in MEASURES:
        what, source, url, at_once = sys.argv[1:]
        print(json.dumps(MEASURES[what](Path(source), url, int(at_once))))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--at-once", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--memory-rows", type=int, default=100_000)
    options = parser.parse_args()
    found = measure_annotating(
        options.rows, options.at_once, options.repeats, options.memory_rows
    )
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
