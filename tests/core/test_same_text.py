"""Texts that look the same to a reader have one form; others do not."""

from __future__ import annotations

import unicodedata

import pytest

from axolotl_explain.core.same_text import same_form


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_normal_forms_are_one(form: str) -> None:
    text = "Wie viele Äpfel, ﬁnde ich, à 3 € sind’s?"
    assert same_form(unicodedata.normalize(form, text)) == same_form(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“so”", '"so"'),
        ("it’s", "it's"),
        ("「so」", "'so'"),
        ("１２＋３＝？", "12+3=?"),
        ("a\u00a0b\u2009c", "a b c"),
        ("3 − 4 – 5", "3 - 4 - 5"),
        ("soft\u00adhyphen \u200bx\ufeff", "softhyphen x"),
        ("UPPER  case\n", "upper case"),
        ("Tom&#39;s &amp; Ann's", "Tom's & Ann's"),
    ],
)
def test_quotes_width_spaces_and_dashes_are_one(one: str, other: str) -> None:
    assert same_form(one) == same_form(other)


@pytest.mark.parametrize(("one", "other"), [("a", "ä"), ("3", "３0"), ("x", "×")])
def test_other_letters_and_digits_stay_others(one: str, other: str) -> None:
    assert same_form(one) != same_form(other)
