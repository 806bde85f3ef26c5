"""Dotted keys: they take the place of what the block says."""

from __future__ import annotations

from typing import Any

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.support.overrides import expand, refuse_dropped


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        (
            {"explain": {"level": "long", "seed": 1}, "explain.level": "short"},
            {"explain": {"level": "short", "seed": 1}},
        ),
        ({"explain.level": "short"}, {"explain": {"level": "short"}}),
        ({"explain": None, "explain.level": "short"}, {"explain": {"level": "short"}}),
        (
            {"explain.evaluation.rows": 5, "seed": 1},
            {"seed": 1, "explain": {"evaluation": {"rows": 5}}},
        ),
        (
            {"datasets": [{"path": "a"}], "datasets[0].explain.level": "none"},
            {"datasets": [{"path": "a", "explain": {"level": "none"}}]},
        ),
        # As the command line gives the level none.
        (
            {"explain": {"level": "long"}, "explain.level": None},
            {"explain": {"level": "none"}},
        ),
        ({"explain.preset": None}, {"explain": {"preset": None}}),
        (
            {"explain.loss.weights.explanation": 0.3},
            {"explain": {"loss": {"weights": {"explanation": 0.3}}}},
        ),
        (
            {"explain": {"loss": None}, "explain.loss.share.answer": 0.5},
            {"explain": {"loss": {"share": {"answer": 0.5}}}},
        ),
        (
            {"explain": {"level": "long", "loss": {}}, "explain.loss": None},
            {"explain": {"level": "long"}},
        ),
        ({"explain.loss": None}, {"explain": {}}),
        # As Axolotl hands on --explain__loss__weights__explanation=0.3.
        (
            {"explain": {"level": "long", "loss__weights__explanation": 0.3}},
            {"explain": {"level": "long", "loss": {"weights": {"explanation": 0.3}}}},
        ),
        ({"explain.loss": {}}, {"explain": {"loss": {}}}),
    ],
)
def test_a_dotted_key_is_put_where_it_belongs(
    recipe: dict[str, Any], expected: dict[str, Any]
) -> None:
    expand(recipe)
    assert recipe == expected


@pytest.mark.parametrize("key", ["explain_level", "explain-level"])
def test_a_key_that_only_begins_like_the_block_is_refused(key: str) -> None:
    with pytest.raises(ExplainError, match=rf"{key}: no such key; write explain.level"):
        expand({key: "short"})


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("explian__level", "explian__level: no such key; write explain.level."),
        ("Explain__loss__weights", "write explain.loss.weights."),
        ("explain..level", "explain..level: this is no path into a recipe"),
        (".explain.level", "write it as explain.level."),
        ("explain.", "write it as explain.level."),
    ],
)
def test_a_key_that_is_nearly_one_of_the_block_is_refused(key: str, words: str) -> None:
    with pytest.raises(ExplainError) as caught:
        expand({key: "short"})
    assert words in str(caught.value)


def test_a_path_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ExplainError, match="no place"):
        expand({"datasets": [], "datasets[0].explain.level": "none"})


def test_other_keys_stay_as_they_are() -> None:
    recipe = {"seed": 1, "explain": {"level": "long"}, 3: "a"}
    expand(recipe)
    assert recipe == {"seed": 1, "explain": {"level": "long"}, 3: "a"}


def test_an_override_that_axolotl_would_drop_is_refused_with_the_command() -> None:
    command = ["/bin/axolotl", "train", "r.yml", "--launcher", "python"]
    with pytest.raises(ExplainError, match=r"--explain.level=short: the command ax"):
        refuse_dropped([*command, "--explain.level=short"])
    refuse_dropped(command)
    refuse_dropped(["/x/axolotl/cli/train.py", "r.yml", "--explain.level=short"])
