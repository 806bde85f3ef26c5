"""What became of a training row: flags, since several may be true of one row.

The number of an outcome is stored beside each training row, dropped ones included,
until all worker processes are done; then they are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import IntFlag


class Outcome(IntFlag):
    """Flags of one training row; none of them: it is as wanted."""

    AS_WANTED = 0
    NEAREST = 1
    ANSWER_ONLY = 2
    SHORTENED = 4
    SHORTENED_TO_ANSWER = 8
    LEVEL_MISSING = 16
    TOO_LONG = 32
    UNDERIVED = 64
    DERIVED = 128
    DERIVED_WHOLE = 256
    UNCOVERED = 512
    INCONSISTENT = 1_024
    UNDECIDED = 2_048
    CONTROLLED = 4_096
    UNCONTROLLED = 8_192
    BAD_ROW = 16_384
    TARGET_TOO_LONG = 32_768
    UNKNOWN_CHARACTERS = 65_536
    PLACEHOLDER = 131_072
    ANSWER_LINE_CUT = 262_144
    UNREAD = 524_288

    @property
    def dropped(self) -> bool:
        """Whether the row is left out of training."""
        return bool(self & DROPS)

    @property
    def label(self) -> str:
        """A single flag in words, for the report: `12 rows …`."""
        return LABELS[self]


DROPS = (
    Outcome.LEVEL_MISSING
    | Outcome.TOO_LONG
    | Outcome.INCONSISTENT
    | Outcome.BAD_ROW
    | Outcome.TARGET_TOO_LONG
)

TOO_LONG = Outcome.TOO_LONG | Outcome.TARGET_TOO_LONG

WARN_ABOVE: dict[Outcome, float] = {
    Outcome.NEAREST: 0.1,
    Outcome.ANSWER_ONLY: 0.1,
    Outcome.LEVEL_MISSING: 0.1,
    Outcome.UNDERIVED: 0.1,
    Outcome.DERIVED_WHOLE: 0.5,
    Outcome.INCONSISTENT: 0.1,
    Outcome.UNDECIDED: 0.5,
    Outcome.UNCONTROLLED: 0.1,
    Outcome.BAD_ROW: 0.05,
    Outcome.SHORTENED: 0.25,
    Outcome.SHORTENED_TO_ANSWER: 0.05,
    Outcome.TOO_LONG: 0,
    Outcome.TARGET_TOO_LONG: 0,
    Outcome.UNKNOWN_CHARACTERS: 0,
}
"""Share of a dataset's training rows above which an outcome is worth acting on: `check`
and the log of training then warn of it. Outcomes that a recipe asks for have none.
docs/checks.md names these shares."""

LABELS: dict[Outcome, str] = {
    Outcome.AS_WANTED: "as wanted",
    Outcome.NEAREST: "at the nearest level they have (the wanted is missing)",
    Outcome.ANSWER_ONLY: "with the answer alone (the wanted level is missing)",
    Outcome.SHORTENED: "with a shortened explanation, to fit the limit",
    Outcome.SHORTENED_TO_ANSWER: "with the answer alone, to fit the limit",
    Outcome.LEVEL_MISSING: "dropped: the wanted level is missing",
    Outcome.TOO_LONG: "dropped: longer than sequence_len",
    Outcome.UNDERIVED: "of examples from which no level could be derived",
    Outcome.DERIVED: "at a derived level",
    Outcome.DERIVED_WHOLE: "at a derived level that is the whole explanation",
    Outcome.UNCOVERED: "with the answer alone, by coverage",
    Outcome.INCONSISTENT: "dropped: the explanation arrives at another answer",
    Outcome.UNDECIDED: "kept whose explanation says no answer that can be compared",
    Outcome.CONTROLLED: "with an explanation changed by control",
    Outcome.UNCONTROLLED: "with an explanation that control could not change",
    Outcome.BAD_ROW: "dropped: bad rows",
    Outcome.TARGET_TOO_LONG: "dropped: a target beyond max_target_tokens",
    Outcome.UNKNOWN_CHARACTERS: "with an explanation that has characters the "
    "tokenizer does not know (tokens: [...] adds them)",
    Outcome.PLACEHOLDER: "of examples with a placeholder such as N/A, which counts as "
    "no explanation",
    Outcome.ANSWER_LINE_CUT: "of examples whose explanation already ended in the "
    "answer line, which is cut off it",
    Outcome.UNREAD: "of examples without an explanation, beside a column that looks "
    "like one and is not read",
}

MOST = 12
"""Reasons that are written out; the rest is a number."""

OF_EXAMPLES = (
    Outcome.UNDERIVED | Outcome.PLACEHOLDER | Outcome.ANSWER_LINE_CUT | Outcome.UNREAD
)
"""What is true of the example and marked at the first of its training rows."""

ASKED_FOR = Outcome.DERIVED | Outcome.UNCOVERED | Outcome.CONTROLLED
"""What the recipe wants to happen; the rest is worth a warning."""


def tally(outcomes: Iterable[tuple[int, int]]) -> dict[Outcome, int]:
    """How many training rows each flag is true of.

    A dropped row counts for why it was dropped, and for what is true of its example.

    Args:
        outcomes: (outcome, how many rows have it).
    """
    counts: Counter[Outcome] = Counter()
    for code, rows in outcomes:
        found = Outcome(code)
        if found.dropped:
            found &= DROPS | OF_EXAMPLES
        for flag in found:
            counts[flag] += rows
    return dict(counts)


def is_grave(flag: Outcome, rows: int, num_rows: int) -> bool:
    """Whether so many training rows with an outcome are worth acting on.

    Args:
        num_rows: all training rows of the dataset, dropped ones included.

    >>> is_grave(Outcome.BAD_ROW, 5, 100), is_grave(Outcome.BAD_ROW, 6, 100)
    (False, True)
    """
    share = WARN_ABOVE.get(flag)
    return share is not None and rows > share * num_rows


def in_words(
    counts: Mapping[Outcome, int],
    always: Outcome = Outcome.AS_WANTED,
    notes: Mapping[Outcome, str] | None = None,
) -> str:
    """Counts as a report says them, in the order of the flags.

    Args:
        always: flags that are said even where no row has them.
        notes: what is added to the words of a flag.
    """
    return "; ".join(
        f"{counts.get(flag, 0):,} {flag.label}{(notes or {}).get(flag, '')}"
        for flag in Outcome
        if counts.get(flag) or flag in always
    )


def reasons_in_words(reasons: Counter[str]) -> str:
    """The reasons with their counts, the most frequent first.

    >>> reasons_in_words(Counter(["no ####", "answer is empty", "no ####"]))
    'no #### 2, answer is empty 1'
    """
    told = [f"{reason} {count:,}" for reason, count in reasons.most_common(MOST)]
    rest = len(reasons) - len(told)
    return ", ".join([*told, f"and {rest} more reasons"] if rest > 0 else told)
