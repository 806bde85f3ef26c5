"""Every planted fault is found, by its code and row, and nothing in its clean twin."""

from __future__ import annotations

from pathlib import Path

import pytest

from axolotl_explain.checking.check_recipe import check_recipe
from axolotl_explain.checking.finding import exit_code
from tests.checking.planted import FAULTS, Fault, plant

BESIDE = {"not-checked", "other-strategy", "axolotl-warns", "chat-model-as-instruct"}
"""Notes that say what a fault leaves unchecked; no faults of their own."""


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_and_nothing_else(
    name: str, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fault = FAULTS[name]
    findings = check_recipe(str(plant(tmp_path, model, fault, twin=False))).findings
    found = [one for one in findings if one.code not in BESIDE]
    assert [one.code for one in found] == [fault.code], found
    assert found[0].rows == fault.rows
    assert found[0].message
    assert exit_code(found, strict=True) == 1


def twins() -> dict[str, Fault]:
    """One fault for each different twin."""
    return {repr((one.twin, one.twin_entry)): one for one in FAULTS.values()}


@pytest.mark.parametrize("fault", twins().values(), ids=lambda one: f"of-{one.code}")
def test_its_clean_twin_has_no_error_and_no_warning(
    fault: Fault, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = check_recipe(str(plant(tmp_path, model, fault, twin=True)))
    assert exit_code(result.findings, strict=True) == 0, result.findings
    assert result.rows == {"train.jsonl": 24, "test.jsonl": 8}
