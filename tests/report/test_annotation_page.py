"""The page of a teacher shows texts as texts; the file beside it has the numbers."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.report.annotation_page import render_summary, write_summary
from axolotl_explain.results.annotation import (
    AnnotationSummary,
    LevelTexts,
    Share,
    ShownReply,
)

HOSTILE = (
    "<script>alert(1)</script>",
    "\u202egnitirw \u2066 \x1b[31m \x00",
    "{{ 7 * 7 }}",
    "</pre></article><h1>",
    "\ud800",
)


def summary(text: str = "4 + 9 = 13.") -> AnnotationSummary:
    shown = ShownReply(3, text, text, text, "explain", "long", 2, text)
    wrong = ShownReply(4, "", text, text, "hint", "long", 1, text, "wrong answer")
    return AnnotationSummary(
        model=text,
        rows=12,
        asked=10,
        explained=8,
        whole=7,
        levels={"long": LevelTexts(8, 160, 8, 400)},
        tries={1: Share(10, 6), 2: Share(4, 2)},
        asks={"explain": Share(14, 8)},
        labels={text: Share(10, 8)},
        other_labels=Share(2, 0),
        lengths={64: Share(10, 8)},
        reasons={"wrong answer": 6},
        choices=2,
        right_by_chance=0.75,
        replies=14,
        cost=0.5,
        kept=[shown],
        rejected=[wrong],
    )


class Elements(HTMLParser):
    """The elements of a page, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.names.append(tag)


def elements(page: str) -> list[str]:
    parser = Elements()
    parser.feed(page)
    return [name for name in parser.names if name != "i"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_stay_texts(text: str) -> None:
    page = render_summary("rows.jsonl", summary(text))
    assert elements(page) == elements(render_summary("rows.jsonl", summary()))
    for harmful in ("\u202e", "\u2066", "\x1b", "\x00", "\ud800"):
        assert harmful not in page
    if "<" in text:
        assert text not in page


def test_what_it_says_are_the_numbers_of_the_file(tmp_path: Path) -> None:
    numbers, page = write_summary(tmp_path / "explained.jsonl", summary())
    assert [numbers.name, page.name] == [
        "explained.summary.json",
        "explained.summary.html",
    ]
    found = json.loads(numbers.read_text("utf-8"))
    assert found["tries"] == {"1": {"of": 10, "kept": 6}, "2": {"of": 4, "kept": 2}}
    assert found["cost_per_row"] == 0.5 / 8
    text = page.read_text("utf-8")
    for said in ("8 of 10 rows are explained", "75.0", "0.5000", "wrong answer"):
        assert said in text


def test_nothing_explained_is_a_page_too(tmp_path: Path) -> None:
    write_summary(tmp_path / "explained.jsonl", AnnotationSummary())


@pytest.mark.parametrize("text", ["4 + 9 = 13.", "a" * 4_000, "wide " * 900])
def test_it_opens_in_a_browser_and_fits_a_phone(
    browser: Any, screen: tuple[int, str], tmp_path: Path, text: str
) -> None:
    _, page = write_summary(tmp_path / "explained.jsonl", summary(text))
    browser.get_log("browser")
    browser.get(page.as_uri())
    assert browser.get_log("browser") == []
    width = browser.execute_script("return document.documentElement.scrollWidth")
    assert width <= screen[0]
