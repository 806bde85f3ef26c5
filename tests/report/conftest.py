"""Runs as an evaluation leaves them, written by hand; and a real browser."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

LEVELS = ("none", "short", "medium", "long")
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


def completion(row: int, level: str, right: bool, **fields: Any) -> dict[str, Any]:
    """A line of completions.jsonl."""
    return {
        "row": row,
        "id": f"sum-{row}",
        "data": "data/test.jsonl",
        "model": f"outputs/{level}",
        "level": level,
        "prompt": f"{row} + 1\n",
        "completion": f"{row} and 1.\nFinal answer: {row + right}",
        "answer": str(row + 1),
        "extracted": str(row + right),
        "exact_match": right,
        "flexible_match": right,
        "truncated": False,
        "num_tokens": 10 + row % 7,
        "num_prompt_tokens": 5,
        "explanation_valid": None,
        "wrong_step": None,
        "wrong_operator": None,
        "wrong_reason": None,
        "meta": {"list_length": 2 + row % 6},
        **fields,
    }


def write_lines(path: Path, lines: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


@pytest.fixture
def write_run(tmp_path: Path) -> Callable[..., Path]:
    """Writes a run below `tmp_path/runs`; returns its folder."""

    def write(  # noqa: PLR0913, PLR0917
        name: str,
        level: str,
        right: int,
        rows: int = 20,
        seed: int = 42,
        train_rows: int | None = None,
        lines: list[dict[str, Any]] | None = None,
        **facts: Any,
    ) -> Path:
        folder = tmp_path / "runs" / name
        evaluation = folder / "evaluation"
        if lines is None:
            lines = [completion(row, level, row < right) for row in range(rows)]
        write_lines(evaluation / "completions.jsonl", lines)
        recipe: dict[str, Any] = {"explain": {"level": level}, "learning_rate": 0.001}
        if train_rows is not None:
            recipe["task_data"] = {"sizes": {"train": train_rows}}
        metrics = {
            "format": 1,
            "recipe": f"{name}.yml",
            "recipe_content": recipe,
            "model": f"outputs/{level}",
            "base_model": "tiny",
            "num_parameters": 470_000,
            "seed": seed,
            "max_train_length": 5,
            "versions": {"axolotl-explain": "0.1.0"},
            **facts,
        }
        (evaluation / "metrics.json").write_text(json.dumps(metrics), "utf-8")
        return folder

    return write


@pytest.fixture
def rich_runs(write_run: Callable[..., Path], tmp_path: Path) -> Path:
    """Four levels, two seeds, two sizes, validity, an untrained model, curves."""
    draw = random.Random("rich runs")
    shares = {"none": 0.15, "short": 0.3, "medium": 0.9, "long": 0.93}
    for level, share in shares.items():
        for seed in (1, 2):
            for train_rows in (500, 2000):
                name = f"{level}-{train_rows}-{seed}"
                reach = share * (0.6 if train_rows == 500 else 1)
                lines = [
                    verified(row, level, draw.random() < reach, draw)
                    for row in range(150)
                ]
                if level == "long":
                    lines += [
                        completion(row, level, row % 9 == 0, model=None)
                        for row in range(150)
                    ]
                folder = write_run(
                    name, level, 0, seed=seed, train_rows=train_rows, lines=lines
                )
                write_progress(folder, level, reach, draw)
    return tmp_path / "runs"


def verified(row: int, level: str, right: bool, draw: random.Random) -> dict[str, Any]:
    """A completion whose explanation was looked at, some of them wrong."""
    if level == "none":
        return completion(row, level, right)
    valid = draw.random() < (0.95 if right else 0.2)
    step = draw.randint(1, 3)
    operator = draw.choice(("+", "MAX", "MED"))
    wrong = {
        "wrong_step": step,
        "wrong_operator": operator,
        "wrong_reason": f"step {step} ({operator}): it is 4; the text has 5",
    }
    fields = {} if valid else wrong
    cost = {"short": 18, "medium": 45, "long": 93}[level]
    return completion(
        row,
        level,
        right,
        explanation_valid=valid,
        truncated=draw.random() < 0.02,
        num_tokens=cost + draw.randint(-5, 5),
        **fields,
    )


def write_progress(folder: Path, level: str, reach: float, draw: random.Random) -> None:
    """Completions kept during training."""
    for step in range(0, 301, 50):
        lines = [
            completion(
                row,
                level,
                draw.random() < reach * step / 300,
                step=step,
                tokens_trained=step * 1000 * (LEVELS.index(level) + 1),
            )
            for row in range(60)
        ]
        write_lines(folder / "explain_evaluation" / f"step-{step:06d}.jsonl", lines)


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
