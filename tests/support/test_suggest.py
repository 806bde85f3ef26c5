"""Hints on unknown names: a slip gets the name that was meant, others get none."""

from __future__ import annotations

import pytest

from axolotl_explain.support.suggest import did_you_mean, misspelt

KNOWN = ("level", "order", "on_missing_level", "answer_marker", "derive_levels")


def slips(name: str) -> set[str]:
    """Every way to leave out, double or exchange letters once."""
    places = range(len(name))
    left_out = {name[:at] + name[at + 1 :] for at in places}
    doubled = {name[:at] + name[at] + name[at:] for at in places}
    exchanged = {name[:at] + name[at : at + 2][::-1] + name[at + 2 :] for at in places}
    return (left_out | doubled | exchanged) - {name}


@pytest.mark.parametrize("name", KNOWN)
def test_every_single_slip_gets_the_name_that_was_meant(name: str) -> None:
    for typed in slips(name):
        assert did_you_mean(typed, KNOWN) == f"; did you mean {name}?"


@pytest.mark.parametrize("name", ["on_missing_level", "answer_marker", "derive_levels"])
def test_a_slip_in_a_long_name_is_surely_that_name(name: str) -> None:
    assert {misspelt(typed, KNOWN) for typed in slips(name)} == {name}


@pytest.mark.parametrize("typed", ["", "x", "colour", "batch", "l"])
def test_a_name_like_none_gets_no_hint(typed: str) -> None:
    assert did_you_mean(typed, KNOWN) == "."
    assert misspelt(typed, KNOWN) is None


def test_a_name_that_is_only_begun_is_hinted_at_but_not_called_misspelt() -> None:
    assert did_you_mean("derive", KNOWN) == "; did you mean derive_levels?"
    assert misspelt("derive", KNOWN) is None


def test_no_more_names_are_suggested_than_asked_for() -> None:
    known = [f"qwen3/lora-{size}b" for size in range(9)]
    assert did_you_mean("qwen3/lora", known, most=3).count("qwen3/lora-") == 3
    assert did_you_mean("qwen3/lora", known).count("qwen3/lora-") == 1


def test_a_name_is_suggested_once() -> None:
    assert did_you_mean("leve", ["level"], most=3) == "; did you mean level?"
