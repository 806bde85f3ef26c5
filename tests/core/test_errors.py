"""Errors: a place, a value as it stands, and no traceback."""

from __future__ import annotations

import subprocess
import sys

import pytest

from axolotl_explain.core.errors import ExplainError, at, install_excepthook, quoted


def run(code: str) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter that imports nothing but the errors."""
    lines = "from axolotl_explain.core.errors import *\n" + code
    return subprocess.run(
        [sys.executable, "-c", lines],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_place_leaves_out_the_parts_that_are_unknown() -> None:
    assert at(None, "row 3", "", "answer") == "row 3, answer"


def test_a_row_number_of_zero_is_a_known_part() -> None:
    assert at("file", 0) == "file, 0"


@pytest.mark.parametrize("length", [78, 79, 500])
def test_a_shown_value_is_cut_only_beyond_the_limit(length: int) -> None:
    text = "x" * length
    whole = "'" + text + "'"
    if length == 78:
        assert quoted(text) == whole
    else:
        assert quoted(text) == whole[:80] + f"… ({length + 2} characters)"


def test_an_uncaught_explain_error_prints_its_message_alone() -> None:
    done = run("install_excepthook(); raise ExplainError('recipe.yml: mend me')")
    assert done.returncode == 1
    assert done.stderr == "\naxolotl-explain: recipe.yml: mend me\n"


def test_other_uncaught_errors_keep_their_traceback() -> None:
    done = run("install_excepthook(); raise KeyError('inside')")
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "KeyError: 'inside'" in done.stderr


def test_an_explain_error_ends_the_program_though_a_handler_at_exit_never_does() -> (
    None
):
    done = run(
        "import atexit, threading\n"
        "atexit.register(threading.Event().wait)\n"
        "install_excepthook(); raise ExplainError('recipe.yml: mend me')"
    )
    assert done.returncode == 1
    assert done.stderr == "\naxolotl-explain: recipe.yml: mend me\n"


def test_a_handler_at_exit_has_time_to_finish() -> None:
    done = run(
        "import atexit, time\n"
        "atexit.register(lambda: (time.sleep(0.5), print('finished')))\n"
        "install_excepthook(); raise ExplainError('recipe.yml: mend me')"
    )
    assert done.returncode == 1
    assert done.stdout == "finished\n"


def test_installing_the_hook_twice_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    install_excepthook()
    once = sys.excepthook
    install_excepthook()
    assert sys.excepthook is once
    assert once is not sys.__excepthook__


def test_an_explain_error_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="of this kind"):
        raise ExplainError("of this kind")
