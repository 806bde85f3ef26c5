"""Fit: rows are as long as they may be, and the answer is always in them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from axolotl_explain.core.example import Example
from axolotl_explain.core.extract import extract_answer
from axolotl_explain.core.outcome import Outcome
from axolotl_explain.core.target import Kind, Order, TargetFormat
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.tokens.encoder import Encoded, Encoder
from axolotl_explain.tokens.fit import Fitter
from axolotl_explain.tokens.formatter import TextFormatter, Written
from axolotl_explain.tokens.join import Continuation, EncodedRow, Join, SourceAndTarget

SENTENCES = ["The saloon falls silent.", "A duel ends the feud.", "He rides west."]
EXAMPLE = Example(
    "Name the genre.", "western", explanations={"long": " ".join(SENTENCES)}
)
TOGETHER = ("explanation_first", "answer_first")
LONG = TrainingRow.of(EXAMPLE, "long")
BARE = TrainingRow.of(EXAMPLE, "none")


class PlainFormatter(TextFormatter):
    """The instruction, a line break, the target, the end."""

    def __init__(self, tokenizer: Any, layout: TargetFormat) -> None:
        super().__init__(Encoder(tokenizer, special_tokens=False), layout)
        self.tokenizer = tokenizer

    @property
    def stop_ids(self) -> list[int]:
        return [self.tokenizer.eos_token_id]

    def prompt(self, row: TrainingRow) -> str:
        return f"{row.example.instruction}\n"

    def write(self, row: TrainingRow) -> Written:
        target = self.layout.target(row.example.answer, row.explanation)
        return Written(self.prompt(row), target, tuple(self.stop_ids))


class Fitted(NamedTuple):
    """What became of a row."""

    row: EncodedRow | None
    outcome: Outcome


def fitted(
    tokenizer: Any,
    sequence_len: int,
    row: TrainingRow = LONG,
    order: Order = "explanation_first",
    shorten: bool = True,
) -> Fitted:
    formatter = PlainFormatter(tokenizer, TargetFormat(order=order))
    fitter = Fitter(formatter, Continuation(sequence_len, False), shorten)
    ((prompt, target),) = formatter.encode([row])
    return Fitted(*fitter.fit(row, prompt, target))


def whole(tokenizer: Any, explanation: str, order: str = "explanation_first") -> str:
    """The row as text with an explanation, written by hand."""
    parts = [part for part in (explanation, "Final answer: western") if part]
    if order == "answer_first":
        parts.reverse()
    return "Name the genre.\n" + "\n".join(parts) + str(tokenizer.eos_token)


def num_tokens(tokenizer: Any, text: str) -> int:
    prompt, target = text.split("\n", 1)
    return len(tokenizer(f"{prompt}\n")["input_ids"]) + len(
        tokenizer(target)["input_ids"]
    )


@pytest.mark.parametrize("order", TOGETHER)
def test_every_room_gets_the_longest_cut_that_fits(
    bpe_tokenizer: Any, order: Order
) -> None:
    cuts = [" ".join(SENTENCES[:count]) for count in (3, 2, 1, 0)]
    written = [whole(bpe_tokenizer, cut, order) for cut in cuts]
    sizes = [num_tokens(bpe_tokenizer, text) for text in written]
    for sequence_len in range(sizes[0] + 3):
        fits = [
            text
            for text, size in zip(written, sizes, strict=True)
            if size <= sequence_len
        ]
        got = fitted(bpe_tokenizer, sequence_len, order=order)
        if not fits:
            assert (got.row, got.outcome) == (None, Outcome.TOO_LONG)
            continue
        assert got.row is not None
        assert bpe_tokenizer.decode(got.row.input_ids) == fits[0]
        assert got.outcome == {
            0: Outcome.AS_WANTED,
            3: Outcome.SHORTENED_TO_ANSWER,
        }.get(written.index(fits[0]), Outcome.SHORTENED)


@pytest.mark.parametrize("order", TOGETHER)
def test_no_row_that_is_kept_loses_its_answer(bpe_tokenizer: Any, order: Order) -> None:
    kept = 0
    for sequence_len in range(80):
        got = fitted(bpe_tokenizer, sequence_len, order=order)
        if got.row is None:
            continue
        kept += 1
        assert len(got.row.input_ids) <= sequence_len
        text = bpe_tokenizer.decode(got.row.input_ids, skip_special_tokens=True)
        completion = text.removeprefix("Name the genre.\n")
        assert extract_answer(completion, TargetFormat(order=order)) == "western"
        assert got.row.input_ids[-1] == bpe_tokenizer.eos_token_id
    assert kept > 10


def test_an_explanation_asked_for_alone_is_never_cut_to_nothing(
    bpe_tokenizer: Any,
) -> None:
    first = f"Name the genre.\n{SENTENCES[0]}{bpe_tokenizer.eos_token}"
    size = num_tokens(bpe_tokenizer, first)
    got = fitted(bpe_tokenizer, size, order="multitask")
    assert got.row is not None
    assert bpe_tokenizer.decode(got.row.input_ids) == first
    assert got.outcome == Outcome.SHORTENED
    dropped = fitted(bpe_tokenizer, size - 1, order="multitask")
    assert (dropped.row, dropped.outcome) == (None, Outcome.TOO_LONG)


def test_what_was_done_to_a_row_before_is_kept(bpe_tokenizer: Any) -> None:
    size = num_tokens(bpe_tokenizer, whole(bpe_tokenizer, ""))
    row = replace(LONG, outcome=Outcome.NEAREST)
    got = fitted(bpe_tokenizer, size, row)
    assert got.outcome == Outcome.NEAREST | Outcome.SHORTENED_TO_ANSWER


def test_a_row_that_is_dropped_still_says_that_no_level_was_derived(
    bpe_tokenizer: Any,
) -> None:
    row = replace(LONG, outcome=Outcome.UNDERIVED)
    assert fitted(bpe_tokenizer, 3, row).outcome == Outcome.UNDERIVED | Outcome.TOO_LONG


@pytest.mark.parametrize(
    ("join", "outcome"),
    [
        (SourceAndTarget(20, 3), Outcome.TARGET_TOO_LONG),
        (SourceAndTarget(3, 99), Outcome.TOO_LONG),
        (SourceAndTarget(99, 99), Outcome.AS_WANTED),
    ],
)
def test_whichever_of_source_and_target_is_too_long_is_named(
    bpe_tokenizer: Any, join: Join, outcome: Outcome
) -> None:
    formatter = PlainFormatter(bpe_tokenizer, TargetFormat())
    ((prompt, target),) = formatter.encode([LONG])
    assert 3 < len(prompt) < 20 < len(target.ids) < 99
    found, became = Fitter(formatter, join, shorten=True).fit(LONG, prompt, target)
    assert (found is None, became) == (outcome.dropped, outcome)


class LossyFormatter(PlainFormatter):
    """A tokenizer that does not know the words of the explanation."""

    def loses(self, target: Encoded) -> bool:
        return Kind.EXPLANATION in target.kinds


def test_characters_that_are_lost_are_counted_in_what_is_left_of_a_row(
    bpe_tokenizer: Any,
) -> None:
    formatter = LossyFormatter(bpe_tokenizer, TargetFormat())
    ((prompt, target),) = formatter.encode([LONG])
    bare = len(prompt) + len(formatter.encode([BARE])[0][1].ids)
    for length, outcome in (
        (200, Outcome.UNKNOWN_CHARACTERS),
        (bare, Outcome.SHORTENED_TO_ANSWER),
    ):
        fitter = Fitter(formatter, Continuation(length, False), shorten=True)
        assert fitter.fit(LONG, prompt, target)[1] == outcome


def test_a_long_row_is_dropped_whole_unless_it_may_be_shortened(
    bpe_tokenizer: Any,
) -> None:
    size = num_tokens(bpe_tokenizer, whole(bpe_tokenizer, " ".join(SENTENCES)))
    assert fitted(bpe_tokenizer, size, shorten=False).outcome == Outcome.AS_WANTED
    dropped = fitted(bpe_tokenizer, size - 1, shorten=False)
    assert (dropped.row, dropped.outcome) == (None, Outcome.TOO_LONG)


def test_an_answer_alone_that_is_too_long_is_dropped(bpe_tokenizer: Any) -> None:
    size = num_tokens(bpe_tokenizer, whole(bpe_tokenizer, ""))
    assert fitted(bpe_tokenizer, size, BARE).outcome == Outcome.AS_WANTED
    assert fitted(bpe_tokenizer, size - 1, BARE).row is None


def test_each_token_of_a_row_has_its_kind(bpe_tokenizer: Any) -> None:
    got = fitted(bpe_tokenizer, 200)
    assert got.row is not None
    parts: dict[Kind, list[int]] = {}
    for id, kind in zip(got.row.input_ids, got.row.labels.kinds, strict=True):
        parts.setdefault(Kind(kind), []).append(id)
    texts = {kind: bpe_tokenizer.decode(ids) for kind, ids in parts.items()}
    assert {*texts} == {*Kind} - {Kind.OTHER}
    assert texts[Kind.PROMPT] == "Name the genre.\n"
    assert texts[Kind.EXPLANATION] == " ".join(SENTENCES)
    assert texts[Kind.MARKER] + texts[Kind.ANSWER] == "\nFinal answer: western"
    assert texts[Kind.ANSWER].strip() == "western"
    assert texts[Kind.END] == bpe_tokenizer.eos_token


def test_prompts_for_generation_are_those_of_training(bpe_tokenizer: Any) -> None:
    formatter = PlainFormatter(bpe_tokenizer, TargetFormat())
    trained = [prompt for prompt, _ in formatter.encode([LONG, BARE])]
    assert formatter.prompts([LONG, BARE]) == trained
