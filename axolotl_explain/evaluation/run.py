"""Evaluate one model on one data file, at the levels its recipe trains."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from axolotl_explain.errors import ExplainError, at
from axolotl_explain.evaluation.generate import Decoding, Generated, generate
from axolotl_explain.evaluation.score import Completion, judge
from axolotl_explain.example import Example
from axolotl_explain.formatter import TrainingRow
from axolotl_explain.host import load_config, load_model, load_strategy, read_recipe
from axolotl_explain.levels import LEVELS, Level, levels_in_play, parse_level
from axolotl_explain.rows import read_rows
from axolotl_explain.settings import DatasetSettings
from axolotl_explain.strategy import ExplainStrategy

ANY_LEVEL = "any"
"""Stands for the level where prompts do not name one and the recipe mixes several."""

HEADROOM = 1.25
"""How much longer than the longest target a completion may grow."""


@dataclass(frozen=True, slots=True)
class Request:
    """What to evaluate."""

    recipe: str
    model: str | None
    data: str
    levels: tuple[Level, ...] = ()
    """Those to ask for; empty for all that the recipe trains."""
    limit: int | None = None
    """At most this many rows, from the start of the file."""
    max_new_tokens: int | None = None
    """None: worked out from the targets of the data."""
    batch_size: int = 64


def evaluate(
    request: Request, progress: Callable[[int, int], None] = lambda done, total: None
) -> list[Completion]:
    """Complete every row at every level, greedily, and judge the answers.

    Args:
        progress: called with the prompts done in a step, and with their total number.

    Raises:
        ExplainError: for a recipe, model folder or row that cannot be used.
    """
    examples = read_examples(request.data, request.limit)
    cfg = load_config(read_recipe(request.recipe), request.model)
    model, tokenizer = load_model(cfg)
    strategy = load_strategy(cfg, tokenizer, request.data)
    evaluator = Evaluator(model, tokenizer, strategy)
    names = level_names(strategy.settings, request.levels)
    total = len(names) * len(examples)
    return [
        completion
        for name in names
        for completion in evaluator.complete(
            name,
            examples,
            request.max_new_tokens,
            request.batch_size,
            lambda done: progress(done, total),
        )
    ]


@dataclass(frozen=True, slots=True)
class Evaluator:
    """A model with what it takes to ask it and to judge its answers."""

    model: Any
    tokenizer: Any
    strategy: ExplainStrategy

    def complete(
        self,
        level: str,
        examples: Sequence[Example],
        max_new_tokens: int | None = None,
        batch_size: int = 64,
        progress: Callable[[int], None] = lambda done: None,
    ) -> list[Completion]:
        """Complete all examples at one level; results in their order."""
        formatter = self.strategy.formatter
        rows = [TrainingRow.of(example, _asked(level)) for example in examples]
        prompts = formatter.prompts(rows)
        budget = max_new_tokens or self.token_budget(rows, prompts)
        decoding = Decoding(formatter.stop_ids, budget, batch_size)
        generated = generate(self.model, prompts, decoding, progress)
        return [
            self._judged(number, level, row, self.tokenizer.decode(prompt), one)
            for number, (row, prompt, one) in enumerate(
                zip(rows, prompts, generated, strict=True), start=1
            )
        ]

    def token_budget(
        self, rows: Sequence[TrainingRow], prompts: Sequence[list[int]]
    ) -> int:
        """How many tokens a completion may have: the longest target and some headroom.

        Where a row has no explanation at the level, all that `sequence_len` leaves.
        """
        if any(row.level != "none" and not row.explanation for row in rows):
            room = self.strategy.fitter.sequence_len - min(map(len, prompts))
            return max(1, room)
        encoded = self.strategy.formatter.encode(rows)
        return math.ceil(HEADROOM * max(len(target.ids) for _, target in encoded))

    def _judged(
        self, number: int, level: str, row: TrainingRow, prompt: str, one: Generated
    ) -> Completion:
        text = self.tokenizer.decode(one.ids, skip_special_tokens=True)
        answer = row.example.answer
        layout = self.strategy.formatter.layout
        extracted, right = judge(text, answer, layout, prompt)
        return Completion(
            row=number,
            id=row.example.id,
            level=level,
            prompt=prompt,
            completion=text,
            answer=answer,
            extracted=extracted,
            exact_match=right,
            truncated=one.truncated,
            num_tokens=len(one.ids),
            meta=dict(row.example.meta),
        )


def read_examples(path: str, limit: int | None = None) -> list[Example]:
    """The examples of a data file.

    Raises:
        ExplainError: naming file, row and field.
    """
    rows = read_rows(path)
    if limit is not None:
        rows = rows.select(range(min(limit, len(rows))))
    examples = []
    for number, row in enumerate(rows, start=1):
        try:
            examples.append(Example.from_row(row))
        except ExplainError as error:
            raise ExplainError(at(path, f"row {number}", error)) from None
    if not examples:
        raise ExplainError(f"{path}: there is no row to evaluate.")
    return examples


def level_names(settings: DatasetSettings, wanted: Sequence[Level]) -> list[str]:
    """The levels to ask the model for, in order.

    Raises:
        ExplainError: if a level is asked for that prompts of this recipe cannot name.
    """
    trained = levels_in_play(settings.options.level) or set(LEVELS)
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


def _asked(name: str) -> Level:
    return "long" if name == ANY_LEVEL else parse_level(name)
