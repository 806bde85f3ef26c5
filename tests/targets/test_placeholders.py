"""A placeholder is no explanation; a short explanation is no placeholder."""

from __future__ import annotations

import pytest

from axolotl_explain.targets.usable import is_placeholder


@pytest.mark.parametrize(
    "text",
    [
        "N/A",
        "n/a",
        "n.a.",
        "NA",
        "None",
        "none.",
        "null",
        "-",
        "--",
        "…",
        "...",
        "?",
        "TODO",
        "[to do]",
        "TBD",
        "<explanation>",
        "**",
        "nan",
        "[...]",
        "()",
        "No explanation provided.",
        "not available",
        "(no reason given)",
        "N / A",
        "#N/A",
        "k. A.",
        "keine Angabe",
        "暂无",
        "See above.",
        "Same as above",
        "Lorem ipsum dolor sit amet, consectetur",
        "TODO: write this one",
        "To be added.",
        "N/A - no explanation",
        "Explanation: N/A",
        "Explanation not available",
        "No explanation is given.",
        "There is no explanation.",
        "Missing explanation",
        "Insert your explanation here",
        "Write your explanation here.",
        "{{explanation}}",
        "placeholder text",
        "string",
        "<think>\n\n</think>",
        "<think></think>",
        "ERROR",
        "Error.",
        "An error occurred.",
        "Error generating the explanation",
        "API error",
        "not sure",
        "I'm not sure.",
        "I don't know",
        "no idea",
        "idk",
        "#REF!",
        "Timed out",
    ],
)
def test_what_stands_for_an_explanation_is_none(text: str) -> None:
    assert is_placeholder(text)


@pytest.mark.parametrize(
    "text",
    [
        "None of them is red.",
        "3",
        "x = 4",
        "No.",
        "Na is sodium.",
        "Unknown authors",
        "否",
        "( ( ) )",
        "☀️ → 💙.",
        "+",
        "It is missing a leg.",
        "No reason is good enough.",
        "See above: 3 + 4.",
        "The reason is missing data.",
        "To do so, add 3.",
        "A string",
        "<think>3 + 4.</think>",
        "The same as above, plus 4.",
        "Nathan is one.",
        "Unknown: 3 + 4.",
        "0",
        "Reason: 3 + 4",
        "Error: 3 was added twice.",
        "I am not sure, but 3 + 4 is 7.",
        "I don't know of any that is red.",
        "It failed.",
    ],
)
def test_short_explanations_are_explanations(text: str) -> None:
    assert not is_placeholder(text)
