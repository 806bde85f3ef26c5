"""A model is asked as it was trained, or the difference is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.evaluation.other_recipe import compare_with_training
from axolotl_explain.results.trained_recipe import trained_recipe

CARD = """---
library_name: transformers
---
<details><summary>See axolotl config</summary>

axolotl version: `0.19.0`
```yaml
{recipe}
```

</details><br>
"""


def recipe(**explain: Any) -> dict[str, Any]:
    entry = {"path": "a.jsonl", "type": "axolotl_explain.instruct"}
    return {"explain": {"level": "long", **explain}, "datasets": [entry]}


def model(folder: Path, trained: dict[str, Any]) -> str:
    """A model folder with the card that Axolotl writes."""
    text = CARD.format(recipe=yaml.safe_dump(trained))
    (folder / "README.md").write_text(text, "utf-8")
    return str(folder)


def test_the_recipe_of_a_training_is_read_from_its_card(tmp_path: Path) -> None:
    trained = recipe(template="{{ input }}\n", order="answer_first")
    assert trained_recipe(model(tmp_path, trained)) == trained
    checkpoint = tmp_path / "checkpoint-5"
    checkpoint.mkdir()
    assert trained_recipe(str(checkpoint)) == trained


def test_of_several_trainings_of_a_process_the_last_is_that_of_the_folder(
    tmp_path: Path,
) -> None:
    first, last = (
        CARD.format(recipe=yaml.safe_dump(recipe(level=level)))
        for level in ("none", "short")
    )
    (tmp_path / "README.md").write_text(first + last, "utf-8")
    assert trained_recipe(str(tmp_path)) == recipe(level="short")


def test_a_folder_without_a_card_of_axolotl_is_compared_with_nothing(
    tmp_path: Path,
) -> None:
    (tmp_path / "README.md").write_text("# A model\n")
    assert trained_recipe(str(tmp_path)) is None
    assert not list(compare_with_training(recipe(), str(tmp_path), "a.jsonl"))


@pytest.mark.parametrize(
    "other", [{"answer_marker": "Answer: "}, {"order": "answer_first"}]
)
def test_answers_that_could_not_be_found_again_are_refused(
    other: dict[str, Any], tmp_path: Path
) -> None:
    folder = model(tmp_path, recipe())
    with pytest.raises(ExplainError, match=f"explain.{next(iter(other))}: "):
        list(compare_with_training(recipe(**other), folder, "a.jsonl"))


def test_another_prompt_is_a_notice(tmp_path: Path) -> None:
    folder = model(tmp_path, recipe())
    other = recipe(template="{{ instruction }}\n")
    (notice,) = compare_with_training(other, folder, "a.jsonl")
    assert notice.startswith("explain.template: ")


def test_the_same_recipe_is_silent(tmp_path: Path) -> None:
    folder = model(tmp_path, recipe(template="{{ input }}\n"))
    same = recipe(template="{{ input }}\n", level="short")
    assert not list(compare_with_training(same, folder, "a.jsonl"))
