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


UNWANTED = (
    Outcome.NEAREST
    | Outcome.ANSWER_ONLY
    | Outcome.LEVEL_MISSING
    | Outcome.UNDERIVED
    | Outcome.INCONSISTENT
    | Outcome.BAD_ROW
)
"""What a recipe allows for, and hardly anybody wants of most rows."""

MANY = 0.1
"""The share of rows above which that is a warning."""


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


def many_unwanted(counts: Mapping[Outcome, int], total: int) -> str:
    """What became of more rows than anybody should miss, in words; or empty.

    >>> many_unwanted({Outcome.BAD_ROW: 18, Outcome.NEAREST: 2}, 20)
    'more than 10% of the rows: 18 of 20 (90.0%) dropped: bad rows'
    """
    many = [
        f"{rows:,} of {total:,} ({rows / total:.1%}) {flag.label}"
        for flag, rows in counts.items()
        if flag in UNWANTED and rows > MANY * total
    ]
    return f"more than {MANY:.0%} of the rows: {'; '.join(many)}" if many else ""


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
