"""The page in a real browser: it opens, filters, shows text as text, and fits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from axolotl_explain.report.write_report import write_report

Write = Callable[..., Path]
Line = Callable[..., dict[str, Any]]
PAGE_ROWS = 25


def wait_until_ready(browser: Any) -> float:
    """Milliseconds from the start of the navigation until the page answers."""
    from selenium.webdriver.support.ui import WebDriverWait

    script = "return document.documentElement.dataset.ready"
    ready = WebDriverWait(browser, 60).until(lambda one: one.execute_script(script))
    return float(ready)


def open_page(browser: Any, page: Path) -> float:
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(page.as_uri())
    return wait_until_ready(browser)


def choose(browser: Any, **filters: str) -> list[str]:
    """Set filters, and return what stands in the rows of the first page."""
    browser.execute_async_script(
        """const form = document.getElementById("filters");
        form.reset();
        for (const [name, value] of Object.entries(arguments[0])) {
            form.elements[name].value = value;
        }
        form.dispatchEvent(new Event("input"));
        setTimeout(arguments[1], 20);""",
        filters,
    )
    return [row.text for row in rows(browser)]


def rows(browser: Any) -> list[Any]:
    return list(browser.find_elements("css selector", "#rows > li"))


def unfolded(browser: Any, number: int) -> Any:
    """What a click on a row shows of its completion."""
    from selenium.webdriver.support.ui import WebDriverWait

    row = rows(browser)[number]
    row.find_element("css selector", "summary").click()
    return WebDriverWait(browser, 20).until(
        lambda _: next(iter(row.find_elements("css selector", ".body")), None)
    )


def shown(browser: Any) -> str:
    return str(browser.find_element("id", "shown").text)


def test_it_opens_without_errors_and_asks_for_nothing(
    browser: Any, rich_page: Path, asked_for: Callable[[Any], list[str]]
) -> None:
    open_page(browser, rich_page)
    assert browser.get_log("browser") == []
    assert asked_for(browser) == [rich_page.as_uri()]


def test_filters_show_what_they_say(browser: Any, rich_page: Path) -> None:
    open_page(browser, rich_page)
    assert shown(browser).startswith("3,000 of 3,000 completions")
    texts = choose(browser, level="short", right="0")
    assert len(texts) == PAGE_ROWS
    assert all("wrong" in text and "short" in text for text in texts)
    wrong = int(shown(browser).split()[0].replace(",", ""))
    choose(browser, level="short", right="1")
    assert wrong + int(shown(browser).split()[0].replace(",", "")) == 600
    choose(browser, run="long-500-1")
    assert shown(browser).startswith("300 of")
    choose(browser, valid="-1", level="none")
    assert shown(browser).startswith("600 of")
    texts = choose(browser, text="149 + 1")
    assert shown(browser).startswith("20 of")
    assert all("149 + 1" in text for text in texts)
    assert choose(browser, text="nowhere to be found") == []
    assert shown(browser).startswith("None of")


def test_one_problem_is_shown_at_every_level(browser: Any, rich_page: Path) -> None:
    open_page(browser, rich_page)
    body = unfolded(browser, 3)
    assert "Final answer" in body.text
    body.find_element("css selector", "button").click()
    browser.execute_async_script("setTimeout(arguments[0], 20)")
    assert shown(browser).startswith("20 of 3,000 completions of one problem")


def test_pages_turn(browser: Any, rich_page: Path) -> None:
    open_page(browser, rich_page)
    first = [row.text for row in rows(browser)]
    browser.find_element("css selector", "[data-go=next]").click()
    second = [row.text for row in rows(browser)]
    assert first != second
    assert browser.find_element("id", "page").text == "26–50 of 3,000"


def test_a_script_in_a_completion_is_shown_as_text(
    browser: Any, write_run: Write, tmp_path: Path, line: Line, evil: str
) -> None:
    lines = [
        line(row, "long", True, prompt=evil, completion=evil, extracted=evil, id=evil)
        for row in range(3)
    ]
    page = write_report(
        [write_run("a", "long", 0, lines=lines)], tmp_path / "out", evil
    )
    open_page(browser, page.files[-1])
    body = unfolded(browser, 0)
    assert "</script><script>document.title='owned'</script>" in body.text
    assert browser.execute_script("return document.scripts.length") == 2
    assert browser.title != "owned"
    choose(browser, text="<script>")
    assert shown(browser).startswith("3 of 3")
    assert browser.get_log("browser") == []


def test_nothing_runs_over_the_width(
    browser: Any,
    rich_page: Path,
    screen: tuple[int, str],
    fits: Callable[[Any, tuple[int, str]], None],
) -> None:
    open_page(browser, rich_page)
    unfolded(browser, 0)
    fits(browser, screen)


def test_fifty_thousand_completions_answer_with_a_page_of_rows(
    browser: Any,
    write_run: Write,
    tmp_path: Path,
    line: Line,
    record_property: Callable[[str, object], None],
) -> None:
    steps = "\n".join(f"Add {number}, which makes {number * 2}." for number in range(6))
    lines = [
        line(row, "long", row % 3 > 0, completion=f"{steps} {row}\nFinal answer: {row}")
        for row in range(50_000)
    ]
    page = write_report([write_run("many", "long", 0, lines=lines)], tmp_path / "out")
    record_property("milliseconds_to_open", open_page(browser, page.files[-1]))
    assert shown(browser).startswith("50,000 of 50,000")
    assert len(rows(browser)) == PAGE_ROWS
    assert len(choose(browser, text="final answer: 49999")) == 1
