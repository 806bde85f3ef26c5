"""A real browser, and pages for it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.report.write_report import write_report
from tests.fixtures.runs import completion, run_writer, write_rich_runs

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Headless Chromium; left out, with the way to get it, where it is missing."""
    found = [shutil.which(name) for name in ("chromium", "chromium-browser")]
    binary = next((path for path in found if path), None)
    driver = shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip(
            "checks in a real browser need Chromium and its driver: "
            "apt-get install chromium chromium-driver"
        )
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability(
        "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
    )
    chrome = webdriver.Chrome(options=options, service=Service(driver))
    chrome.get("about:blank")
    yield chrome
    chrome.quit()


@pytest.fixture
def asked_for() -> Callable[[Any], list[str]]:
    """All that the browser has asked for since its logs were read, data apart."""

    def urls(browser: Any) -> list[str]:
        events = [
            json.loads(entry["message"])["message"]
            for entry in browser.get_log("performance")
        ]
        asked = [
            str(event["params"]["request"]["url"])
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]
        return [url for url in asked if not url.startswith("data:")]

    return urls


@pytest.fixture(params=[(400, "light"), (400, "dark"), (1400, "light"), (1400, "dark")])
def screen(browser: Any, request: pytest.FixtureRequest) -> Iterator[tuple[int, str]]:
    """A phone and a desk, by day and by night: width and colour scheme."""
    width, scheme = request.param
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    yield width, scheme
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


@pytest.fixture
def fits() -> Callable[[Any, tuple[int, str]], None]:
    """Checks that the open page is no wider than the screen, and its colours."""

    def check(browser: Any, screen: tuple[int, str]) -> None:
        found = browser.execute_script(
            "const page = document.documentElement;"
            "return [page.scrollWidth, page.clientWidth, innerWidth]"
        )
        colour = browser.execute_script("return getComputedStyle(document.body).color")
        assert found[0] == found[1]
        assert found[2] == screen[0]
        assert (colour != "rgb(29, 37, 48)") is (screen[1] == "dark")

    return check


@pytest.fixture(scope="session")
def rich_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`runs` that have all that runs can have, and a report on them in `out`."""
    folder = tmp_path_factory.mktemp("rich")
    write_rich_runs(run_writer(folder / "runs"))
    write_report([folder / "runs"], folder / "out")
    return folder


@pytest.fixture
def rich_page(rich_folder: Path) -> Path:
    """The page of that report."""
    return rich_folder / "out" / "report.html"


@pytest.fixture
def line() -> Callable[..., dict[str, Any]]:
    """Makes a line of completions.jsonl."""
    return completion


@pytest.fixture
def evil() -> str:
    """A text that does harm wherever it is taken for more than text."""
    return (
        "</script><script>document.title='owned'</script>"
        "<img src=x onerror=\"document.title='owned'\">&amp;{{ 7 * 7 }}\u2028'\""
    )
