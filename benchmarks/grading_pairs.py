"""Exact and flexible match against the filters of lm-evaluation-harness, on one table.

    python benchmarks/grading_pairs.py

The table is that of tests/grading/pairs: completions, gold answers and the verdict of
a careful person. A false positive is a wrong answer that is taken for right. Judged
with it: the filters of the harness's own tasks (gsm8k, and multiple choice as in bbh),
by its own classes and its own comparison, and math-verify by itself, which finds the
answer in the completion. Rows with choices are for the filter of multiple choice,
others for those of numbers and for math-verify; the last column says how many rows a
way can judge.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))

from axolotl_explain.core.target import TargetFormat
from axolotl_explain.grading.choices import Choices
from axolotl_explain.grading.flexible import Gold
from axolotl_explain.grading.judge import judge
from axolotl_explain.grading.mathematics import math_same

PAIRS = Path(__file__).parents[1] / "tests" / "grading" / "pairs"
NUMBERS = r"(-?[$0-9.,]{2,})|(-?[0-9]+)"
IGNORED = [",", r"\$", r"(?s).*#### ", r"\.$"]
"""Patterns of gsm8k.yaml: its flexible-extract, and what its comparison leaves out."""


class Pair(NamedTuple):
    """A completion, gold, and the verdict of a careful person."""

    completion: str
    gold: str
    verdict: str
    choices: Any = None


def read_pairs() -> Iterator[Pair]:
    """The table of the tests."""
    for path in sorted(PAIRS.glob("*.yaml")):
        for rows in yaml.safe_load(path.read_text("utf-8")).values():
            yield from (Pair(*row) for row in rows)


Verdict = Callable[[Pair], bool | None]
"""Whether a completion is right; None where a way is not meant for such a row."""


def ours(strict: bool, with_math: bool = False) -> Verdict:
    """Exact or flexible match of this package."""
    same = math_same() if with_math else None

    def verdict(pair: Pair) -> bool:
        gold = Gold.of(pair.gold, pair.choices, same)
        found = judge(pair.completion, gold, TargetFormat(), "")
        return found.exact_match if strict else found.flexible_match

    return verdict


def numbers_of_harness(pattern: str, last: bool) -> Verdict:
    """A regex filter and the comparison of gsm8k."""
    from lm_eval.api.metrics import exact_match_hf_evaluate
    from lm_eval.filters.extraction import RegexFilter

    filtered = RegexFilter(pattern, group_select=-1 if last else 0)

    def verdict(pair: Pair) -> bool | None:
        if pair.choices is not None:
            return None
        ((found,),) = filtered.apply([[pair.completion]], [{}])
        options = {"regexes_to_ignore": IGNORED, "ignore_case": True}
        same = exact_match_hf_evaluate([found], [pair.gold], **options)
        return bool(same["exact_match"])

    return verdict


def choices_of_harness() -> Verdict:
    """The filter for multiple choice, with the options that bbh gives it."""
    from lm_eval.filters.extraction import MultiChoiceRegexFilter

    filtered = MultiChoiceRegexFilter(
        r"(\([A-Z]\))", ignore_case=True, ignore_punctuation=True
    )

    def verdict(pair: Pair) -> bool | None:
        choices = Choices.of(pair.choices)
        if choices is None or choices.labels[0] != "A":
            return None
        doc = {"choices": list(choices.texts)}
        ((found,),) = filtered.apply([[pair.completion]], [doc])
        return bool(found == f"({pair.gold})")

    return verdict


def math_alone() -> Verdict:
    """math-verify, which finds and compares the answer by itself."""
    from math_verify import parse, verify

    def verdict(pair: Pair) -> bool | None:
        if pair.choices is not None:
            return None
        gold = parse(f"${pair.gold.strip('$')}$")
        return bool(verify(gold, parse(pair.completion)))

    return verdict


def line(name: str, pairs: list[Pair], verdict: Verdict) -> str:
    """One row of the table: false positives, false negatives, right verdicts."""
    positive = negative = right = total = 0
    for pair in pairs:
        found = verdict(pair)
        if found is None:
            continue
        wanted = pair.verdict != "wrong"
        total += 1
        right += found == wanted
        positive += found and not wanted
        negative += wanted and not found
    return f"| {name:<44} | {positive:>3} | {negative:>3} | {right:>3} of {total} |"


def main() -> None:
    """Judge the table in every way, and print what came out."""
    logging.disable(logging.WARNING)
    pairs = list(read_pairs())
    marker = r"Final answer: (\-?[0-9\.\,]+)"
    ways: dict[str, Verdict] = {
        "exact match": ours(strict=True),
        "flexible match": ours(strict=False),
        "flexible match with math-verify": ours(strict=False, with_math=True),
        "lm-eval, gsm8k strict-match, with our marker": numbers_of_harness(
            marker, False
        ),
        "lm-eval, gsm8k flexible-extract": numbers_of_harness(NUMBERS, True),
        "lm-eval, multi_choice_regex": choices_of_harness(),
        "math-verify alone": math_alone(),
    }
    print("| judged by | false positives | false negatives | right verdicts |")
    print("|---|---|---|---|")
    for name, verdict in ways.items():
        print(line(name, pairs, verdict), flush=True)


if __name__ == "__main__":
    main()
