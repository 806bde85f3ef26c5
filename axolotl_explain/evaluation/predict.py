"""Answers of a model to rows that need none: files, standard input, or one question.

Rows are asked by what `eval` asks with (`model_replies.AskedModel`), or behind an
endpoint. What is answered is kept batch by batch beside the output, so that a run that
was stopped goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from axolotl_explain.core.levels import Level
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.evaluation.asking import read_questions
from axolotl_explain.evaluation.completions_fingerprint import (
    data_digest,
    fingerprint,
    model_digest,
)
from axolotl_explain.evaluation.predict_request import PredictionRequest
from axolotl_explain.evaluation.predictor import Predictor, load_predictor
from axolotl_explain.grading.vote import vote
from axolotl_explain.recipe.asked_of import prompts_of, recipe_or_folder
from axolotl_explain.recipe.entry_options import reading_options
from axolotl_explain.results.prediction import LINES, Key, Prediction, to_line
from axolotl_explain.support.resumable import ResumableFile, lock_path, resumable_file
from axolotl_explain.support.whole_file import write_whole

Partial = ResumableFile[Key, Prediction]


def predict(
    request: PredictionRequest,
    out: Path | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    notice: Callable[[str], None] = lambda line: None,
) -> list[Prediction]:
    """Ask for every row; the predictions in the order of files, levels and rows.

    Args:
        out: a JSONL file to write, whole; until then what is answered is kept beside
            it.
        progress: called with the completions that are there, and with all to come.
        notice: called with a line for the user.

    Raises:
        ExplainError: for a model, file, row or level that cannot be used.
    """
    recipe = recipe_or_folder(request.recipe, request.model, request.base_model)
    rows = {path: _asked(request, recipe, path) for path in request.data}
    with _kept(out, _mark(request, recipe, rows)) as kept:
        if kept.items:
            notice(
                f"Going on where it was: {len(kept.items):,} completions are there "
                "already."
            )
        run = _Run(request, rows, kept, progress)
        run.complete()
        found = list(run.elected())
        if out is not None:
            write_whole(out, "".join(map(to_line, found)))
    return found


Asked = dict[int, TrainingRow]
"""Number in its file -> row at a level, in the order of the file."""


def _asked(
    request: PredictionRequest, recipe: Mapping[str, Any], path: str
) -> dict[Level, Asked]:
    """Level -> the rows of a file that are asked at it."""
    prompts = prompts_of(recipe, path)
    options = reading_options(recipe, path)
    examples = read_questions(path, request.limit, options, prompts)
    levels = [prompts.level(one, "--level") for one in request.levels or (None,)]
    return {
        level: {
            number: TrainingRow.of(example, level)
            for number, example in examples.items()
        }
        for level in levels
    }


@dataclass(frozen=True, slots=True)
class _Run:
    """One prediction while it runs."""

    request: PredictionRequest
    rows: Mapping[str, Mapping[Level, Asked]]
    kept: Partial
    progress: Callable[[int, int], None]

    def complete(self) -> None:
        """Ask for what is not kept yet."""
        self._tell()
        if len(self.kept.items) < self._total:
            predictor = load_predictor(self.request)
            for path, level in self._parts():
                self._complete(predictor, path, level)

    def _complete(self, predictor: Predictor, path: str, level: Level) -> None:
        """Ask for the rows of a part, each sample as a row of its own."""
        samples = self.request.samples
        keys = [
            (path, level, number, sample)
            for number in self.rows[path][level]
            for sample in range(samples)
        ]
        rows = [row for row in self.rows[path][level].values() for _ in range(samples)]
        done = {at for at, key in enumerate(keys) if key in self.kept.items}
        if len(done) == len(keys):
            return
        for batch in predictor.replies(rows, self.request, done):
            self.kept.add(
                predictor.prediction(rows[at], reply, keys[at]) for at, reply in batch
            )
            self._tell()

    def elected(self) -> Iterator[Prediction]:
        """One prediction for each row, in the order of files, levels and rows."""
        for path, level in self._parts():
            for number in self.rows[path][level]:
                samples = range(self.request.samples)
                yield _elected(
                    [self.kept.items[path, level, number, k] for k in samples]
                )

    def _parts(self) -> Iterator[tuple[str, Level]]:
        for path, levels in self.rows.items():
            for level in levels:
                yield path, level

    @property
    def _total(self) -> int:
        rows = sum(len(self.rows[path][level]) for path, level in self._parts())
        return self.request.samples * rows

    def _tell(self) -> None:
        self.progress(len(self.kept.items), self._total)


def _elected(samples: Sequence[Prediction]) -> Prediction:
    """The prediction that most samples agree on; the only one as it is."""
    if len(samples) == 1:
        return samples[0]
    found = vote([one.answer for one in samples])
    return replace(
        samples[found.place],
        samples=len(samples),
        agreement=found.agreement,
        votes=found.votes,
    )


def _mark(
    request: PredictionRequest,
    recipe: Mapping[str, Any],
    rows: Mapping[str, Mapping[Level, Asked]],
) -> str:
    """A digest of all that decides what is written."""
    return fingerprint(
        {
            "recipe": recipe,
            "request": asdict(request),
            "model": model_digest(request.model),
            "base_model": model_digest(recipe.get("base_model")),
            "data": {
                f"{path} {level}": data_digest(
                    {number: row.example for number, row in asked.items()}
                )
                for path, levels in rows.items()
                for level, asked in levels.items()
            },
        }
    )


@contextmanager
def _kept(out: Path | None, mark: str) -> Iterator[Partial]:
    """What is answered so far; the file of it goes when the block ends well."""
    if out is None:
        yield Partial(LINES)
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    path = out.with_name(f".{out.name}.{mark[:16]}.partial.jsonl")
    busy = f"--out {out}: another process is at this very file; wait for it."
    with resumable_file(path, LINES, busy) as kept:
        yield kept
    path.unlink(missing_ok=True)
    lock_path(path).unlink(missing_ok=True)
