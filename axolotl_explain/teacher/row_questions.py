"""What a teacher is asked for one row, one request after the other, and what is kept.

`ask_row` is a generator: it gives requests and is sent what came of each. Whoever
drives it may ask a server or look into a ledger; the same replies lead to the same
rows.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import EXPLAINED, Level
from axolotl_explain.core.same_text import same_form
from axolotl_explain.core.target import TargetFormat
from axolotl_explain.grading.flexible import Same
from axolotl_explain.servers.server_reply import ServerReply
from axolotl_explain.teacher.acceptance import Acceptance, Wanted, accept
from axolotl_explain.teacher.prompt_files import Asked
from axolotl_explain.teacher.teacher_request import Ask, Sampling, TeacherRequest

Mode = Literal["sample", "hint"]


class Prompts(Protocol):
    """How a teacher is asked; see `PromptFiles` and `TrainedPrompts`."""

    @property
    def layout(self) -> TargetFormat: ...

    @property
    def shortens(self) -> bool: ...

    def explain(self, example: Example, level: Level) -> Asked: ...

    def shorten(self, example: Example, level: Level, explanation: str) -> Asked: ...

    def hint(self, example: Example, level: Level) -> Asked: ...

    def completion(self, reply: ServerReply) -> str: ...


@dataclass(frozen=True, slots=True)
class RowRules:
    """How rows are asked, and what is kept.

    Attributes:
        levels: that are wanted.
        tries: for each explanation, at most.
        agree: of these, so many have to arrive at the answer.
        keep: so many different explanations of a row.
        hint: whether rows that failed every try are shown their answer.
        verify: whether each step of a generated problem has to be right.
        replace: whether explanations that a row has are asked for anew.
        only_explained: whether rows without an explanation are left out.
        same: a further comparison of answers.
    """

    prompts: Prompts
    sampling: Sampling
    levels: tuple[Level, ...] = EXPLAINED
    tries: int = 4
    agree: int = 1
    keep: int = 1
    hint: bool = False
    verify: bool = False
    replace: bool = False
    only_explained: bool = False
    same: Same | None = None

    @property
    def longest_first(self) -> tuple[Level, ...]:
        """The levels in the order in which they are asked for."""
        return tuple(level for level in reversed(EXPLAINED) if level in self.levels)

    def accept(
        self, example: Example, request: TeacherRequest, reply: ServerReply | None
    ) -> Acceptance:
        """Judge the reply to a request for a row."""
        completion = self.prompts.completion(reply) if reply is not None else ""
        wanted, layout = request.wanted, self.prompts.layout
        return accept(completion, reply, example, wanted, layout)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request, its reply, and what became of it."""

    request: TeacherRequest
    reply: ServerReply | None
    accepted: Acceptance


Questions = Generator[TeacherRequest, Attempt | None, "RowResult"]
Texts = Generator[TeacherRequest, Attempt | None, list[str]]


@dataclass(slots=True)
class RowResult:
    """What a row has in the end.

    Attributes:
        explanations: one mapping of levels for each that is kept.
        own: whether it had all that is wanted before.
        mode: how the longest came about; None where the row had it.
        finished: whether nothing more is to be asked.
        agreed: whether enough tries arrived at the answer.
    """

    explanations: list[dict[Level, str]] = field(default_factory=list)
    own: bool = False
    mode: Mode | None = None
    finished: bool = True
    agreed: bool = True
    attempts: list[Attempt] = field(default_factory=list)


def ask_row(example: Example, rules: RowRules) -> Questions:
    """The requests for one row; returns what it has in the end.

    A request is answered by its attempt, or by None where it cannot be answered now.
    """
    first, *rest = rules.longest_first
    has: Mapping[Level, str] = {} if rules.replace else example.explanations
    result = RowResult()
    if all(level in has for level in (first, *rest)):
        result.own = True
        return result
    asked = RowAsked(example, rules, result)
    sources = [has[first]] if first in has else (yield from asked.explained(first))
    if not sources and not rules.prompts.shortens:
        # Levels that do not come of another one can be had without it.
        result.explanations.append({})
    result.explanations += [{first: source} for source in sources]
    for texts in result.explanations:
        longer = texts.get(first)
        for level in rest:
            if level in has:
                texts[level] = has[level]
            else:
                found = yield from asked.shortened(level, texts.get(first), longer)
                if found:
                    texts[level] = found[0]
            longer = texts.get(level, longer)
    result.explanations = [texts for texts in result.explanations if texts]
    return result


@dataclass(slots=True)
class RowAsked:
    """The parts of the questions for one row."""

    example: Example
    rules: RowRules
    result: RowResult

    def explained(self, level: Level) -> Texts:
        """Explanations of the longest level, found blind or else by a hint."""
        rules = self.rules
        found = yield from self._tries(
            "explain", level, lambda: rules.prompts.explain(self.example, level)
        )
        if found:
            self.result.mode = "sample"
        elif rules.hint and self.result.finished:
            found = yield from self._tries(
                "hint", level, lambda: rules.prompts.hint(self.example, level)
            )
            self.result.mode = "hint" if found else None
        return found

    def shortened(self, level: Level, source: str | None, longer: str | None) -> Texts:
        """A text of a further level, of a source where it is made of one."""
        prompts = self.rules.prompts
        if not prompts.shortens:
            found = yield from self._tries(
                "explain", level, lambda: prompts.explain(self.example, level), 1
            )
            self.result.mode = "sample" if found else self.result.mode
            return found
        assert source is not None
        return (
            yield from self._tries(
                "shorten",
                level,
                lambda: prompts.shorten(self.example, level, source),
                1,
                longer,
            )
        )

    def _tries(
        self,
        ask: Ask,
        level: Level,
        asked_for: Callable[[], Asked],
        keep: int | None = None,
        shorter_than: str | None = None,
    ) -> Texts:
        """Ask until there is what is wanted, or until it cannot come any more.

        Args:
            keep: texts that are wanted, of one right try; by default as the rules say.
        """
        rules = self.rules
        agree = rules.agree if keep is None else 1
        keep = rules.keep if keep is None else keep
        texts: dict[str, str] = {}
        right = 0
        asked = asked_for()
        for turn in range(1, rules.tries + 1):
            if right + rules.tries - turn + 1 < agree:
                break
            wanted = Wanted(
                level,
                shorter_than,
                ask == "hint",
                rules.verify,
                tuple(texts),
                rules.same,
            )
            attempt = yield TeacherRequest.of(rules.sampling, ask, turn, asked, wanted)
            if attempt is None:
                self.result.finished = False
                break
            self.result.attempts.append(attempt)
            accepted = attempt.accepted
            right += accepted.kept or accepted.reason == "repeated"
            if accepted.kept:
                texts[same_form(accepted.explanation)] = accepted.explanation
            if right >= agree and len(texts) >= keep:
                break
        if right < agree:
            self.result.agreed = right == 0
            return []
        return list(texts.values())[:keep]
