"""The files an evaluation leaves, each whole or not there at all.

`completions.jsonl` has one completion a line (`completion.Completion`); `metrics.json`,
written last, has the metrics of them all and what was evaluated.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError, at
from axolotl_explain.results.breakdown import evaluations
from axolotl_explain.results.buckets import Range
from axolotl_explain.results.completion import Completion, to_line
from axolotl_explain.results.metrics import metrics_by_level
from axolotl_explain.support.whole_file import write_whole

METRICS, COMPLETIONS = "metrics.json", "completions.jsonl"
FORMAT = 1
"""Of both files; goes up when an older reader would misunderstand them."""

PACKAGES = ("axolotl-explain", "axolotl", "transformers", "peft", "torch", "vllm")


def store(
    folder: Path,
    completions: Iterable[Completion],
    facts: Mapping[str, Any],
    ranges: Mapping[str, Range] | None = None,
) -> None:
    """Write both files; metrics.json last, so that it stands for a finished run.

    Args:
        facts: what was evaluated, for the head of metrics.json; `model` among them.
        ranges: field of meta -> what training had of it.
    """
    completions = list(completions)
    folder.mkdir(parents=True, exist_ok=True)
    # What is there would speak of other completions, if this ended in between.
    (folder / METRICS).unlink(missing_ok=True)
    write_whole(folder / COMPLETIONS, "".join(map(to_line, completions)))
    metrics = metrics_content(completions, facts, ranges)
    text = json.dumps(metrics, indent=2, ensure_ascii=False, default=str)
    write_whole(folder / METRICS, text + "\n")


def metrics_content(
    completions: Iterable[Completion],
    facts: Mapping[str, Any],
    ranges: Mapping[str, Range] | None = None,
) -> dict[str, Any]:
    """What stands in metrics.json."""
    completions = list(completions)
    tuned = [one for one in completions if one.model == facts.get("model")]
    return {
        "format": FORMAT,
        **facts,
        "evaluations": evaluations(completions, ranges),
        "levels": {
            level: found.to_dict() for level, found in metrics_by_level(tuned).items()
        },
        "versions": versions(),
    }


def versions(packages: Iterable[str] = PACKAGES) -> dict[str, str]:
    """Package -> version, of those that are installed."""
    found = {}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def read_completions(folder: str | Path) -> Iterator[Completion]:
    """The completions of an evaluation, in the order of the file.

    Raises:
        ExplainError: naming file and line, if the file is missing or a line is none.
    """
    path = Path(folder) / COMPLETIONS
    try:
        file = path.open(encoding="utf-8")
    except OSError as error:
        raise _absent(path, error) from None
    with file:
        for number, line in enumerate(file, start=1):
            try:
                yield Completion.from_dict(_object(line))
            except (ExplainError, UnicodeDecodeError) as error:
                raise ExplainError(at(path, f"line {number}", error)) from None


def read_metrics(folder: str | Path) -> dict[str, Any]:
    """The metrics of a finished evaluation.

    Raises:
        ExplainError: if the file is missing, is no JSON object, or comes from a later
            version that this one would misunderstand.
    """
    path = Path(folder) / METRICS
    try:
        found = _object(path.read_text("utf-8"))
    except OSError as error:
        raise _absent(path, error) from None
    except ExplainError as error:
        raise ExplainError(at(path, error)) from None
    if found.get("format", FORMAT) != FORMAT:
        raise ExplainError(
            f"{path}: format {found['format']} is not {FORMAT}, which this version "
            "reads; upgrade axolotl-explain."
        )
    return found


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ExplainError(f"this is no JSON ({error}).") from None
    if not isinstance(found, dict):
        raise ExplainError("this is no JSON object.")
    return found


def _absent(path: Path, error: OSError) -> ExplainError:
    return ExplainError(
        f"{path}: {error.strerror}; `axolotl explain eval … --out {path.parent}` "
        "writes it."
    )
