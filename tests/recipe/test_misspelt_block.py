"""A block whose name is misspelt stops the run, since Axolotl would drop it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.install import install_settings
from axolotl_explain.support.overrides import expand


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_text("one")


def recipe(kind: str = "axolotl_explain.instruct", **keys: Any) -> dict[str, Any]:
    return {"datasets": [{"path": "a.jsonl", "type": kind}], **keys}


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ({"explian": {"level": "short"}}, "explian"),
        ({"Explain": {"level": "short"}}, "Explain"),
        ({"explanation": {"level": "short"}}, "explanation"),
        # As a command line or a sweep writes it.
        ({"explian.level": "short"}, "explian"),
        ({"datasets[0].explian.level": "short"}, "datasets[0].explian"),
    ],
)
def test_a_misspelt_block_is_refused(keys: dict[str, Any], place: str) -> None:
    one = recipe(**keys)
    expand(one)
    with pytest.raises(ExplainError) as caught:
        install_settings(one)
    assert str(caught.value) == f"{place}: did you mean explain?"


def test_other_keys_and_recipes_without_rows_of_ours_are_left_alone() -> None:
    assert install_settings(recipe(plain={"level": "short"}, explain={})) == 1
    assert install_settings(recipe("alpaca", explian={"level": "short"})) == 0
