"""What cannot be shown is written out, and nothing else is changed."""

from __future__ import annotations

import unicodedata

import pytest

from axolotl_explain.support.safe_text import one_line, spelled, visible

HARMFUL = {
    "\x00": "\\x00",
    "\x1b": "\\x1b",
    "\x9b": "\\x9b",
    "\r": "\\x0d",
    "\u202e": "\\u202e",
    "\u2066": "\\u2066",
    "\u200b": "\\u200b",
    "\ufeff": "\\ufeff",
    "\u2028": "\\u2028",
    "\ud800": "\\ud800",
    "\U000e0041": "\\U000e0041",
}


@pytest.mark.parametrize("character", HARMFUL)
def test_what_moves_hides_or_turns_text_is_written_out(character: str) -> None:
    assert one_line(f"a{character}b") == f"a{HARMFUL[character]}b"


def test_no_character_of_unicode_gets_through_that_has_no_shape() -> None:
    every = "".join(map(chr, range(0x30000)))
    kinds = {unicodedata.category(character) for character in one_line(every)}
    assert not kinds & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def test_letters_of_any_script_stay_as_they_are() -> None:
    text = "Füße, 日本語, עברית, ελληνικά, 🙂 – “so”"
    assert [run.text for run in visible(text)] == [text]


def test_spaces_are_seen_where_they_are_spelled() -> None:
    assert spelled(" a\tb\n") == "␣a⇥b↵"
