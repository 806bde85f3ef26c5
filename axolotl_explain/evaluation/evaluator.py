"""Ask one model at one level, and judge what it answers."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from axolotl_explain.core.example import Example
from axolotl_explain.core.extract import exact_match, extract_answer
from axolotl_explain.core.reply import explanation_of
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.evaluation.answer_cut import AnswerCut
from axolotl_explain.evaluation.asking import training_rows
from axolotl_explain.evaluation.batching import HEADROOM, BatchLimits
from axolotl_explain.evaluation.decoding import Decoding, Engine
from axolotl_explain.evaluation.loaded_model import LoadedModel
from axolotl_explain.evaluation.model_replies import AskedModel, ModelReply, Prompts
from axolotl_explain.evaluation.shots import BehindShots, Shots, room_of
from axolotl_explain.evaluation.transformers_engine import generate_batches
from axolotl_explain.grading.flexible import Gold, Same
from axolotl_explain.grading.judge import judge
from axolotl_explain.recipe.levels_asked import ANY_LEVEL
from axolotl_explain.results.completion import Completion
from axolotl_explain.tasks.verify_explanation import verify_explanation
from axolotl_explain.training.load import load_strategy
from axolotl_explain.training.strategy import ExplainStrategy


@dataclass(frozen=True, slots=True)
class Evaluator:
    """A model with what it takes to ask it and to judge its answers.

    Attributes:
        data: what completions call the dataset.
        name: what they call the model; None for the base model.
        same: a further comparison for flexible match.
        engine: what generates; `model` is what it takes.
        ends: ids at which completions end; those of the recipe unless given.
        untrained: whether the model was not trained on such targets, so that its
            completions end with their first answer line.
        shots: solved rows that stand in front of each question.
    """

    model: Any
    tokenizer: Any
    strategy: ExplainStrategy
    data: str = ""
    name: str | None = None
    same: Same | None = None
    engine: Engine = generate_batches
    ends: Sequence[int] = ()
    untrained: bool = False
    shots: Shots | None = None

    @classmethod
    def of(
        cls,
        loaded: LoadedModel,
        path: str,
        name: str | None,
        same: Same | None = None,
        shots: Shots | None = None,
    ) -> Evaluator:
        """For a model that was loaded, and the rows of a data file.

        Args:
            name: the folder of the model; None for the base model.
            shots: for the base model alone.
        """
        return cls(
            loaded.model,
            loaded.tokenizer,
            load_strategy(loaded.cfg, loaded.tokenizer, path),
            path,
            name,
            same,
            loaded.engine,
            loaded.ends,
            untrained=name is None,
            shots=shots if name is None else None,
        )

    def complete(
        self,
        level: str,
        examples: Sequence[Example],
        max_new_tokens: int | None = None,
        limits: BatchLimits | None = None,
    ) -> list[Completion]:
        """Complete all examples at one level; results in their order.

        Args:
            max_new_tokens: None for the budget that `token_budget` works out.
        """
        budget = max_new_tokens or self.token_budget(level, examples)
        batches = self.batches(level, examples, budget, limits or BatchLimits())
        found = [one for batch in batches for one in batch]
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
        rows = training_rows(level, examples)
        decoding = Decoding(self.ends or formatter.stop_ids, budget, limits)
        asked = AskedModel(
            self.model,
            self.tokenizer,
            formatter,
            self.engine,
            self.untrained,
            self._behind_shots(level, budget),
        )
        places = {number - 1 for number in done}
        for batch in asked.replies(rows, decoding, places):
            yield [
                self._judged(place + 1, level, rows[place], reply)
                for place, reply in batch
            ]

    def _behind_shots(self, level: str, budget: int) -> Prompts | None:
        if self.shots is None:
            return None
        shots = self.shots.with_levels(self.strategy.derive)
        room = room_of(self.model)
        formatter = self.strategy.formatter
        return BehindShots(formatter, shots, level, room, budget).prompts

    def token_budget(self, level: str, examples: Sequence[Example]) -> int:
        """How many tokens a completion may have: the longest target and some headroom.

        Where a row has no explanation at the level, all the room that there is.
        """
        formatter, derive = self.strategy.formatter, self.strategy.derive
        if derive is not None:
            examples = [derive(example).example for example in examples]
        rows = training_rows(level, examples)
        if any(row.level != "none" and not row.explanation for row in rows):
            prompts = formatter.prompts(rows)
            return max(1, self.strategy.fitter.join.room(min(map(len, prompts))))
        encoded = formatter.encode(rows)
        return math.ceil(HEADROOM * max(len(target.ids) for _, target in encoded))

    def _judged(
        self, number: int, level: str, row: TrainingRow, reply: ModelReply
    ) -> Completion:
        example, layout = row.example, self.strategy.formatter.layout
        prompt, text = reply.prompt, reply.completion
        gold = Gold.of(example.answer, example.meta.get("choices"), self.same)
        judged = judge(text, gold, layout, prompt)
        cut = AnswerCut.of(row, layout, prompt).cut(text)
        if_cut = exact_match(extract_answer(cut, layout, prompt), example.answer)
        explanation = explanation_of(text, layout, prompt)
        derived = self.strategy.settings.options.derive_levels is not None
        # A task knows its own levels whole, not those derived from one of them, nor
        # what a stage of internalisation leaves of them.
        partly = derived or self.strategy.settings.cut is not None
        judged_at = ANY_LEVEL if partly and level != "none" else level
        verdict = verify_explanation(example, judged_at, explanation)
        return Completion(
            row=number,
            id=example.id,
            data=self.data,
            model=self.name,
            level=level,
            prompt=prompt,
            completion=text,
            raw=reply.raw,
            answer=example.answer,
            extracted=judged.extracted,
            exact_match=judged.exact_match,
            flexible_match=judged.flexible_match,
            exact_match_if_cut=if_cut,
            truncated=reply.truncated,
            num_tokens=reply.num_tokens or 0,
            num_prompt_tokens=reply.num_prompt_tokens or 0,
            explanation_valid=None if verdict is None else verdict.valid,
            explanation_strict=None if verdict is None else verdict.strict,
            wrong_step=None if verdict is None else verdict.step,
            wrong_operator=None if verdict is None else verdict.operator,
            wrong_reason=(verdict.reason or None) if verdict else None,
            meta=dict(example.meta),
        )
