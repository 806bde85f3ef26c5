"""The page of inspected rows in a real browser: whole, silent, and text stays text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from axolotl_explain.inspection.lengths import Group, Lengths
from axolotl_explain.inspection.page import write_page
from axolotl_explain.inspection.parts import Token, count_parts
from axolotl_explain.inspection.view import InspectionView, RowView


def row_of(text: str, number: int) -> RowView:
    """A prompt of single letters, an explanation that is not trained, an answer."""
    tokens = [Token(ord(letter), -100, letter, "prompt", False) for letter in text]
    tokens += [
        Token(7, -100, text, "explanation", False),
        Token(8, 8, f" {text}\n", "answer", False),
        Token(2, 2, "<|end|>", "end", True),
    ]
    return RowView(number, text, "long", tokens, count_parts(tokens))


def shown_of(text: str, rows: int = 2) -> InspectionView:
    sizes = list(range(40, 140, 3))
    counts = [
        sum(40 + 10 * at <= size < 50 + 10 * at for size in sizes) for at in range(10)
    ]
    groups = [
        Group(name, sizes, counts, 900, 3) for name in ("none", "short", "long", text)
    ]
    lengths = Lengths(range(40, 150, 10), groups, 128)
    found = [row_of(text, number + 1) for number in range(rows)]
    return InspectionView(text, text, "train", 99, found, lengths, [text], [text])


def opened(browser: Any, page: Path) -> None:
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(page.as_uri())


def test_it_opens_without_errors_and_asks_for_nothing(
    browser: Any, tmp_path: Path, asked_for: Callable[[Any], list[str]]
) -> None:
    page = tmp_path / "page.html"
    write_page(page, shown_of("Two and two."), with_ids=True)
    opened(browser, page)
    assert browser.get_log("browser") == []
    assert asked_for(browser) == [page.as_uri()]


def test_a_script_in_the_data_is_shown_as_text(
    browser: Any, tmp_path: Path, evil: str
) -> None:
    page = tmp_path / "page.html"
    write_page(page, shown_of(evil), with_ids=True)
    opened(browser, page)
    assert browser.get_log("browser") == []
    assert browser.execute_script("return document.scripts.length") == 0
    assert browser.execute_script("return document.images.length") == 0
    text = browser.find_element("css selector", ".tokens").text
    assert text.count(evil.replace("\u2028", "\\u2028")) == 3


def test_what_the_loss_reads_is_underlined_and_nothing_else(
    browser: Any, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    write_page(page, shown_of("ab", rows=1), with_ids=False)
    opened(browser, page)
    found = browser.execute_script(
        """return [...document.querySelectorAll(".tokens .t")].map((token) => [
            token.textContent, parseFloat(getComputedStyle(token).borderBottomWidth)
        ]);"""
    )
    assert [(text, width > 0) for text, width in found] == [
        ("a", False),
        ("b", False),
        ("ab", False),
        (" ab↵\n", True),
        ("<|end|>", True),
    ]


def test_nothing_runs_over_the_width(
    browser: Any,
    tmp_path: Path,
    evil: str,
    screen: tuple[int, str],
    fits: Callable[[Any, tuple[int, str]], None],
) -> None:
    page = tmp_path / "page.html"
    write_page(page, shown_of(evil.replace(" ", "") * 5), with_ids=True)
    opened(browser, page)
    browser.execute_script(
        "for (const one of document.querySelectorAll('details')) one.open = true;"
    )
    fits(browser, screen)
