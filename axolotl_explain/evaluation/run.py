"""Ask one model at one level, and judge what it answers."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from axolotl_explain.errors import ExplainError
from axolotl_explain.evaluation.batching import BATCH_SIZE, BATCH_TOKENS, BatchLimits
from axolotl_explain.evaluation.completion import Completion
from axolotl_explain.evaluation.explanation import explanation_of, verify_explanation
from axolotl_explain.evaluation.flexible import Gold, Same
from axolotl_explain.evaluation.generate import (
    Decoding,
    Engine,
    Generated,
    generate_batches,
)
from axolotl_explain.evaluation.score import judge
from axolotl_explain.example import Example
from axolotl_explain.formatter import TrainingRow
from axolotl_explain.levels import LEVELS, Level, parse_level
from axolotl_explain.options import ExplainOptions
from axolotl_explain.rows import read_rows
from axolotl_explain.settings import DatasetSettings
from axolotl_explain.skipped import RowReader
from axolotl_explain.strategy import ExplainStrategy

LOG = logging.getLogger("axolotl.explain")
ANY_LEVEL = "any"
"""Stands for the level where prompts do not name one and the recipe mixes several."""

HEADROOM = 1.25
"""How much longer than the longest target a completion may grow."""


@dataclass(frozen=True, slots=True)
class Evaluator:
    """A model with what it takes to ask it and to judge its answers.

    Attributes:
        data: what completions call the dataset.
        name: what they call the model; None for the base model.
        same: a further comparison for flexible match.
        engine: what generates; `model` is what it takes.
    """

    model: Any
    tokenizer: Any
    strategy: ExplainStrategy
    data: str = ""
    name: str | None = None
    same: Same | None = None
    engine: Engine = generate_batches

    def complete(  # noqa: PLR0913
        self,
        level: str,
        examples: Sequence[Example],
        max_new_tokens: int | None = None,
        batch_size: int = BATCH_SIZE,
        progress: Callable[[int], None] = lambda done: None,
        *,
        batch_tokens: int = BATCH_TOKENS,
    ) -> list[Completion]:
        """Complete all examples at one level; results in their order.

        Args:
            max_new_tokens: None for the budget that `token_budget` works out.
            progress: called after each batch with the number of rows it completed.
        """
        budget = max_new_tokens or self.token_budget(level, examples)
        limits = BatchLimits(batch_size, batch_tokens)
        found: list[Completion] = []
        for batch in self.batches(level, examples, budget, limits):
            found += batch
            progress(len(batch))
        return sorted(found, key=lambda one: one.row)

    def batches(
        self,
        level: str,
        examples: Sequence[Example],
        budget: int,
        limits: BatchLimits,
        done: Collection[int] = (),
    ) -> Iterator[list[Completion]]:
        """The completions of each batch, as soon as it is finished.

        Args:
            budget: how many tokens a completion may have.
            done: rows, counted from 1, that need not be completed.
        """
        formatter = self.strategy.formatter
        rows = _rows(level, examples)
        prompts = formatter.prompts(rows)
        decoding = Decoding(formatter.stop_ids, budget, limits)
        places = {number - 1 for number in done}
        for batch in self.engine(self.model, prompts, decoding, places):
            yield [
                self._judged(place + 1, level, rows[place], prompts[place], generated)
                for place, generated in batch
            ]

    def token_budget(self, level: str, examples: Sequence[Example]) -> int:
        """How many tokens a completion may have: the longest target and some headroom.

        Where a row has no explanation at the level, all the room that there is.
        """
        formatter, derive = self.strategy.formatter, self.strategy.derive
        if derive is not None:
            examples = [derive(example).example for example in examples]
        rows = _rows(level, examples)
        if any(row.level != "none" and not row.explanation for row in rows):
            prompts = formatter.prompts(rows)
            return max(1, self.strategy.fitter.join.room(min(map(len, prompts))))
        encoded = formatter.encode(rows)
        return math.ceil(HEADROOM * max(len(target.ids) for _, target in encoded))

    def _judged(
        self, number: int, level: str, row: TrainingRow, ids: list[int], one: Generated
    ) -> Completion:
        example, layout = row.example, self.strategy.formatter.layout
        prompt = self.tokenizer.decode(ids)
        written = self.tokenizer.decode(one.ids, skip_special_tokens=True)
        text = self.strategy.formatter.read(written)
        extracted, right = judge(text, example.answer, layout, prompt)
        gold = Gold.of(example.answer, example.meta.get("choices"), self.same)
        explanation = explanation_of(text, layout, prompt)
        derived = self.strategy.settings.options.derive_levels is not None
        # A task knows its own levels, not those derived from one of them.
        judged_at = ANY_LEVEL if derived and level != "none" else level
        verdict = verify_explanation(example, judged_at, explanation)
        return Completion(
            row=number,
            id=example.id,
            data=self.data,
            model=self.name,
            level=level,
            prompt=prompt,
            completion=text,
            answer=example.answer,
            extracted=extracted,
            exact_match=right,
            flexible_match=right or gold.matches(text, extracted),
            truncated=one.truncated,
            num_tokens=len(one.ids),
            num_prompt_tokens=len(ids),
            explanation_valid=None if verdict is None else verdict.valid,
            wrong_step=None if verdict is None else verdict.step,
            wrong_operator=None if verdict is None else verdict.operator,
            wrong_reason=(verdict.reason or None) if verdict else None,
            meta=dict(example.meta),
        )


def read_examples(
    path: str, limit: int | None = None, options: ExplainOptions | None = None
) -> list[Example]:
    """The examples of a data file, one of each row; bad rows as the options say.

    Raises:
        ExplainError: naming file, row and field.
    """
    options = options or ExplainOptions()
    rows = read_rows(path)
    if limit is not None:
        rows = rows.select(range(min(limit, len(rows))))
    reader = RowReader(options, options.seed, path)
    examples = [found[0] for found in reader.all(rows) if found]
    if reader.skipped:
        LOG.warning(f"{path}: {reader.summary}")
    if not examples:
        why = f" ({reader.summary})" if reader.skipped else ""
        raise ExplainError(f"{path}: there is no row to evaluate{why}.")
    return examples


def level_names(settings: DatasetSettings, wanted: Sequence[Level]) -> list[str]:
    """The levels to ask the model for, in order.

    Raises:
        ExplainError: if a level is asked for that prompts of this recipe cannot name.
    """
    options = settings.options
    trained = options.levels_in_play or set(LEVELS)
    if options.order == "multitask":
        return _predicting(wanted)
    if settings.asks_for_level:
        return [level for level in LEVELS if level in (wanted or trained)]
    names: list[str] = [*trained] if len(trained) == 1 else [ANY_LEVEL]
    foreign = [level for level in wanted if level not in names]
    if foreign:
        raise ExplainError(
            f"--level {', '.join(foreign)}: the prompts of this recipe do not say a "
            f"level, so the model answers at the one it was trained on ({names[0]}); "
            "train with several levels or explain.level_request: always."
        )
    return names


def _predicting(wanted: Sequence[Level]) -> list[str]:
    """An answer is what is asked for and judged, and that alone is level none."""
    foreign = [level for level in wanted if level != "none"]
    if foreign:
        raise ExplainError(
            f"--level {', '.join(foreign)}: under order: multitask the model is asked "
            "to predict, which gives the answer alone (none); leave the level out."
        )
    return ["none"]


def _rows(level: str, examples: Sequence[Example]) -> list[TrainingRow]:
    asked: Level = "long" if level == ANY_LEVEL else parse_level(level)
    return [TrainingRow.of(example, asked) for example in examples]
