"""Labelled sums."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import EXPLAINED
from axolotl_explain.tasks.labelled_lines import parse
from axolotl_explain.tasks.labelled_sum import (
    LABELLED_SUM,
    LabelledSumOptions,
    as_example,
)


def drawn(linked: bool, count: int = 40) -> list[Example]:
    options = LabelledSumOptions(max_value=29, modulus=10, linked=linked)
    return [LABELLED_SUM.problem(options, 5, "train", index) for index in range(count)]


LINKED, ALPHABET = drawn(True), drawn(False)
EXAMPLES = LINKED + ALPHABET
CLAIM = re.compile(r"[0-9]+|\b[a-z]\b")


def test_the_words():
    text = "l 9 k\nn 2 end\nm 8 l\nk 4 n\nfrom l"
    example = as_example(text, 10, "x")
    assert example.input == text
    assert example.answer == "5"
    assert example.explanations == {
        "short": "l 9\nk 3\nn 5",
        "medium": "l 9\nk 4 + 9 = 13 -> 3\nn 2 + 3 = 5 -> 5",
        "long": "Start with l, which is 9.\n"
        "Take k, which is 4: 4 + 9 = 13, and 13 modulo 10 is 3.\n"
        "Take n, which is 2: 2 + 3 = 5, and 5 modulo 10 is 5.",
    }


def test_the_words_without_links():
    example = as_example("l 9\nn 2\nk 4\nm 8\nfrom l to n", 10, "x")
    assert example.answer == "9"
    assert example.explanations["short"] == "l 9\nm 7\nn 9"
    assert example.explanations["medium"] == "l 9\nm 8 + 9 = 17 -> 7\nn 2 + 7 = 9 -> 9"


def test_answers_and_running_results_are_those_of_plain_sums():
    for example in EXAMPLES:
        addends = [*parse(example.input).values()]
        running = [str(sum(addends[:n]) % 10) for n in range(2, len(addends) + 1)]
        assert example.answer == running[-1]
        for level in EXPLAINED:
            lines = example.explanations[level].splitlines()[1:]
            assert [re.findall("[0-9]+", line)[-1] for line in lines] == running
        assert example.meta["list_length"] == len(addends)


def standing(example: Example) -> list[str]:
    return re.findall("^([a-z]) ", example.input, re.MULTILINE)


def unasked(example: Example) -> int:
    return len(standing(example)) - len(parse(example.input))


def test_links_lead_anywhere_and_lines_stand_in_any_order():
    asked = ["".join(parse(example.input)) for example in LINKED]
    assert len({letters[0] for letters in asked}) > 10
    assert sum(letters in "abcdefghijklmnopqrstuvwxyz" for letters in asked) < 4
    along = [
        "".join(standing(example)).startswith(letters)
        for example, letters in zip(LINKED, asked, strict=True)
        if len(letters) > 3
    ]
    assert sum(along) < 5
    assert {unasked(example) for example in LINKED} == {0, 1, 2}


def test_letters_follow_each_other_and_stand_in_any_order():
    firsts, ordered = set(), 0
    for example in ALPHABET:
        letters = sorted(standing(example))
        assert "".join(letters) in "abcdefghijklmnopqrstuvwxyz"
        firsts.add(letters[0])
        ordered += len(letters) > 3 and standing(example) == letters
    assert len(firsts) > 10
    assert {unasked(example) for example in drawn(False, 300)} == {0, 1, 2, 3, 4}
    assert ordered < 5


def test_all_26_letters_may_be_addends():
    options = LabelledSumOptions(min_length=26, max_length=26, test_long_max_length=26)
    example = LABELLED_SUM.problem(options, 5, "train", 0)
    assert len(parse(example.input)) == 26


@pytest.mark.parametrize("level", EXPLAINED)
def test_every_explanation_is_accepted(level):
    for example in EXAMPLES:
        assert LABELLED_SUM.verify(example, level, example.explanations[level]).valid


@given(st.sampled_from(EXAMPLES), st.sampled_from(EXPLAINED), st.data())
def test_any_number_or_letter_changed_is_rejected_at_its_step(example, level, data):
    text = example.explanations[level]
    claim = data.draw(st.sampled_from(list(CLAIM.finditer(text))))
    others = st.sampled_from(["0", "7", "41", "b", "q"])
    other = data.draw(others.filter(lambda found: found != claim.group()))
    changed = text[: claim.start()] + other + text[claim.end() :]
    verdict = LABELLED_SUM.verify(example, level, changed)
    assert not verdict.valid
    # A letter may be another that is asked for, whose own step then is one too many.
    step = text[: claim.start()].count("\n") + 1
    assert verdict.step == step or (other.isalpha() and verdict.step > step)


def test_the_reason_names_the_step():
    example = as_example("b 7 end\na 3 b\nfrom a", 10, "x")
    verdict = LABELLED_SUM.verify(example, "medium", "a 3\nb 7 + 3 = 11 -> 1")
    assert verdict.reason == "step 2 (+): here 7 + 3 = 10; the text has 7 + 3 = 11"


@given(st.text(), st.sampled_from(EXPLAINED))
def test_garbage_gets_a_verdict(text, level):
    assert not LABELLED_SUM.verify(EXAMPLES[0], level, text + "x").valid


@pytest.mark.parametrize(
    "problem",
    [
        "",
        "a 3",
        "3 + 4",
        "a 3\nb 4",
        "a 3\nfrom a to a",
        "a 3\na 4\nfrom a to a",
        "a 3\nb 4\nfrom a to c",
        "a 3\nb 4\nfrom b to a",
        "a 3\nb x\nfrom a to b",
        "a 3 b\nb 4 end\nfrom c",
        "a 3 b\nb 4 c\nfrom a",
        "a 3 b\nb 4 a\nfrom a",
        "a 3 end\nb 4 end\nfrom a",
        "a 3 b\nb 4 end\nfrom a to b",
        "a 3\nb 4\nfrom a",
    ],
)
def test_a_problem_that_is_no_labelled_sum_is_an_error(problem):
    example = Example(instruction="x", answer="1", input=problem, meta={"modulus": 10})
    with pytest.raises(ExplainError, match=r"input: .* is no labelled sum"):
        LABELLED_SUM.verify(example, "short", "1")


def test_there_are_26_letters():
    with pytest.raises(ExplainError, match="--test-long-max-length 40: every addend"):
        LabelledSumOptions(test_long_max_length=40)
