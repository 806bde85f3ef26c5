"""The kinds of findings and their documentation are the same table."""

from __future__ import annotations

import pytest

from axolotl_explain.checking.codes import CODES, SEVERITIES
from axolotl_explain.checking.finding import Finding, FindingCollector, exit_code
from tests.checking.planted import FAULTS, ROOT

DOCUMENT = (ROOT / "docs" / "checks.md").read_text("utf-8")


def documented() -> list[tuple[str, ...]]:
    """The cells of each row of the document's table, in order."""
    lines = [line for line in DOCUMENT.splitlines() if line.startswith("| `")]
    return [tuple(cell.strip() for cell in line.split("|")[1:-1]) for line in lines]


def test_the_document_lists_every_code_as_it_is() -> None:
    assert documented() == [
        (f"`{name}`", code.severity, code.what, code.remedy)
        for name, code in CODES.items()
    ]


def test_every_error_and_warning_is_planted_or_has_a_test_of_its_own() -> None:
    elsewhere = {
        "recipe-unreadable",
        "made-data",
        "strategy-refuses",
        "no-rows",
        "row-unwritable",
        "nothing-left",
        "field-very-long",
        "unknown-characters",
        "rows-often-changed",
        "memory-too-small",
        "memory-tight",
        "experts-frozen",
        "adapter-not-mergeable",
        "checkpoint-of-other-data",
        "val-set-too-large",
        "marker-changed",
        "held-out-changed",
    }
    planted = {fault.code for fault in FAULTS.values()}
    grave = {name for name, code in CODES.items() if code.severity != "note"}
    assert grave - planted == elsewhere
    assert len(FAULTS) >= 25


def test_a_finding_cannot_have_an_unknown_code() -> None:
    with pytest.raises(KeyError):
        FindingCollector().add("no-such-code", "recipe")


def test_rows_of_one_kind_become_one_finding_with_the_first_numbers() -> None:
    found = FindingCollector()
    for row in (3, 3, 8, 9, 11, 12, 20):
        found.add("test-in-train", "test.jsonl", f"seen at {row}", row)
    found.add("test-in-train", "other.jsonl", "seen", 3)
    one, other = found.list()
    assert (one.rows, one.num_rows) == ((3, 8, 9, 11, 12), 6)
    assert one.message == "seen at 3"
    assert one.rows_text == "rows 3, 8, 9, 11, 12 and 1 more"
    assert other.rows_text == "row 3"


def test_the_gravest_come_first() -> None:
    found = FindingCollector()
    for code in ("no-test-data", "duplicate-rows", "file-missing", "unknown-key"):
        found.add(code, "somewhere", "so it is")
    ranks = [SEVERITIES.index(one.severity) for one in found.list()]
    assert ranks == [0, 1, 1, 2]


@pytest.mark.parametrize(
    ("code", "strict", "expected"),
    [
        ("file-missing", False, 1),
        ("unknown-key", False, 0),
        ("unknown-key", True, 1),
        ("no-test-data", True, 0),
    ],
)
def test_the_exit_code_tells_errors_and_strictly_warnings(
    code: str, strict: bool, expected: int
) -> None:
    assert exit_code([Finding(code, "here", "")], strict) == expected
