"""How long the report takes to write, and its page to open in Chromium.

python benchmarks/report.py [--completions 50000]
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

READY = "return document.documentElement.dataset.ready"
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic")


def measure_report(completions: int) -> dict[str, Any]:
    """Seconds to build, the page's size, and seconds until it answers."""
    from axolotl_explain.report.write_report import write_report

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_completions(folder / "run" / "completions.jsonl", completions)
        begin = time.perf_counter()
        page = write_report([folder / "run"], folder / "out").files[-1]
        seconds = time.perf_counter() - begin
        return {
            "completions": completions,
            "seconds_to_build": round(seconds, 2),
            "page_megabytes": round(page.stat().st_size / 1e6, 2),
            **seconds_to_open(page, folder / "profile"),
        }


def write_completions(path: Path, count: int) -> None:
    """Sums with an explanation of six steps; every third answer is wrong."""
    path.parent.mkdir(parents=True)
    with path.open("w", encoding="utf-8") as file:
        for row in range(count):
            steps = [f"Add {row % 7 + at} to {row}: {row + at}." for at in range(6)]
            line = {
                "row": row,
                "id": f"sum-{row}",
                "level": "long",
                "prompt": f"{row} + {row % 7}\n",
                "completion": "\n".join([*steps, f"Final answer: {row}"]),
                "answer": str(row),
                "extracted": str(row),
                "exact_match": row % 3 > 0,
                "num_tokens": 90 + row % 20,
                "meta": {"list_length": row % 9 + 2},
            }
            file.write(json.dumps(line) + "\n")


def seconds_to_open(page: Path, profile: Path) -> dict[str, Any]:
    """From the start of the navigation until completions can be browsed; and to search.

    The best of three; nothing where there is no Chromium.
    """
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver is None:
        return {"seconds_to_open": None}
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.support.ui import WebDriverWait

    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    browser = webdriver.Chrome(options=options, service=Service(driver))
    try:
        opened = []
        for _ in range(3):
            browser.get(page.as_uri())
            ready = WebDriverWait(browser, 60).until(
                lambda one: one.execute_script(READY)
            )
            opened.append(float(ready) / 1000)
        searched = browser.execute_script(
            """const form = document.getElementById("filters");
            form.elements.text.value = "answer: 4999";
            const begin = performance.now();
            form.dispatchEvent(new Event("input"));
            return new Promise((done) => setTimeout(
                () => done((performance.now() - begin) / 1000), 0));"""
        )
    finally:
        browser.quit()
    return {
        "seconds_to_open": round(min(opened), 3),
        "seconds_to_search": round(searched, 3),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--completions", type=int, default=50_000)
    print(json.dumps(measure_report(parser.parse_args().completions), indent=2))
