"""Asked behind a changed step: what is given, what counts, and what is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.evaluation import changed_steps as module
from axolotl_explain.evaluation.begun_completions import beginning_ids
from axolotl_explain.evaluation.changed_steps import changed_steps
from axolotl_explain.evaluation.decoding import Generated
from axolotl_explain.evaluation.evaluation_request import EvaluationRequest
from axolotl_explain.results.changed_steps import (
    LINES,
    SUMMARY,
    ChangedAnswer,
    ChangedSteps,
    read_changed_steps,
)
from tests.fixtures.bench import write_jsonl
from tests.fixtures.trained_folders import ROWS, TrainedFolder

pytestmark = pytest.mark.training
Train = Callable[[str], TrainedFolder]


@pytest.fixture
def data(tmp_path: Path) -> str:
    wordless = {**ROWS[0], "explanations": {"long": "It is so."}}
    return write_jsonl(tmp_path / "full.jsonl", [*ROWS, wordless])


def request_of(one: TrainedFolder, data: str, **keys: Any) -> EvaluationRequest:
    keys = {"levels": ("long",), "max_new_tokens": 9, **keys}
    return EvaluationRequest(
        recipe=str(one.recipe), model=str(one.folder), data=(data,), **keys
    )


@pytest.mark.parametrize("way", ["instruct", "thinking", "seq2seq"])
def test_a_model_goes_on_from_both_beginnings(
    trained_folder: Train, way: str, data: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    (found,) = changed_steps(request_of(trained_folder(way), data), out)
    assert (found.rows, found.without_number, found.level) == (13, 1, "long")
    lines = [json.loads(line) for line in (out / LINES).read_text().splitlines()]
    assert len(lines) == 12
    for line in lines:
        for which in ("true", "changed"):
            beginning, text = line[f"{which}_beginning"], line[f"{which}_completion"]
            assert beginning in text
            before = text[: text.index(beginning)]
            assert before.strip() in ("", "<think>")
        assert line["true_beginning"] != line["changed_beginning"]
    assert read_changed_steps(out, []) == [found]


def test_an_answer_that_is_worked_out_of_the_steps_follows_from_them(
    trained_folder: Train, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = module.load_for_evaluation

    def load(*given: Any) -> Any:
        model = loaded(*given)

        def copying(_: Any, prompts: Any, *rest: Any) -> Any:
            for place, ids in enumerate(prompts):
                left, right = re.findall(r"\d+", model.tokenizer.decode(ids))[-2:]
                text = f"\nFinal answer: {int(left) + int(right)}"
                said = model.tokenizer(text, add_special_tokens=False)["input_ids"]
                yield [(place, Generated(said, truncated=False))]

        return replace(model, engine=copying)

    monkeypatch.setattr(module, "load_for_evaluation", load)
    request = request_of(trained_folder("instruct"), data)
    (found,) = changed_steps(request, None)
    assert found.right == 12
    assert (found.followed, found.ignored, found.unanswered) == (found.right, 0, 0)


def test_what_is_kept_is_not_asked_again(
    trained_folder: Train, data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = trained_folder("instruct")
    found = changed_steps(request_of(one, data), tmp_path)
    before = (tmp_path / SUMMARY).read_bytes()
    monkeypatch.setattr(module, "load_for_evaluation", None)
    assert changed_steps(request_of(one, data), tmp_path) == found
    with pytest.raises(TypeError):
        changed_steps(request_of(one, data, limit=3), tmp_path)
    assert (tmp_path / SUMMARY).read_bytes() == before


def test_level_none_has_nothing_to_change(trained_folder: Train, data: str) -> None:
    with pytest.raises(ExplainError, match="level none has no explanation"):
        changed_steps(
            request_of(trained_folder("instruct"), data, levels=("none",)), None
        )


def answer(**verdicts: Any) -> ChangedAnswer:
    begun = {"true_beginning": "2 + 2 = 4", "changed_beginning": "2 + 2 = 5"}
    texts = {"true_completion": "", "changed_completion": "", "answer": "4"}
    named = {"row": 1, "id": "", "data": "d", "model": "m", "level": "long"}
    return ChangedAnswer(**named, **begun, **texts, step=1, steps=1, **verdicts)  # type: ignore[arg-type]


def test_rows_without_a_number_are_counted_and_none_is_asked(
    trained_folder: Train, tmp_path: Path
) -> None:
    wordless = {**ROWS[0], "explanations": {"long": "It is so."}}
    data = write_jsonl(tmp_path / "wordless.jsonl", [wordless])
    (found,) = changed_steps(request_of(trained_folder("instruct"), data), None)
    assert (found.rows, found.without_number, found.right) == (1, 1, 0)


def test_an_untrained_model_ends_with_its_first_answer_line(
    trained_folder: Train, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = module.load_for_evaluation

    def load(*given: Any) -> Any:
        model = loaded(*given)

        def going_on(_: Any, prompts: Any, *rest: Any) -> Any:
            text = "\nFinal answer: 6\nAnd another one.\nFinal answer: 7"
            said = model.tokenizer(text, add_special_tokens=False)["input_ids"]
            for place in range(len(prompts)):
                yield [(place, Generated(said, truncated=False))]

        return replace(model, engine=going_on)

    monkeypatch.setattr(module, "load_for_evaluation", load)
    request = request_of(trained_folder("instruct"), data, base=True)
    trained, base = changed_steps(request, None)
    # The first row alone is answered by 6; only the untrained model ends there.
    assert (trained.model is None, trained.right) == (False, 0)
    assert (base.model, base.right) == (None, 1)


def test_all_that_is_to_come_is_told_at_once(trained_folder: Train, data: str) -> None:
    told: list[tuple[int, int]] = []
    levels = {"levels": ("short", "long")}
    request = request_of(trained_folder("instruct"), data, **levels)
    changed_steps(request, None, lambda done, total: told.append((done, total)))
    assert {total for _, total in told} == {sum(done for done, _ in told)}


def test_a_stage_has_no_whole_explanation_to_change(
    trained_folder: Train, data: str, tmp_path: Path
) -> None:
    one = trained_folder("instruct")
    recipe = yaml.safe_load(one.recipe.read_text())
    recipe["explain"] = {"internalise": {"stage": 1}}
    path = tmp_path / "stage-1.yml"
    path.write_text(yaml.safe_dump(recipe))
    with pytest.raises(ExplainError, match="stage of internalisation"):
        changed_steps(replace(request_of(one, data), recipe=str(path)), None)


def test_a_beginning_that_the_ids_do_not_say_is_refused(
    trained_folder: Train, bpe_tokenizer: Any
) -> None:
    class Lower:
        def read(self, text: str) -> str:
            return text.lower()

    ids = bpe_tokenizer("It is 4.", add_special_tokens=False)["input_ids"]
    with pytest.raises(ExplainError, match="otherwise than it stands in the data"):
        beginning_ids(Lower(), bpe_tokenizer, ids, "It is 4.")  # type: ignore[arg-type]
    found = beginning_ids(Lower(), bpe_tokenizer, ids, "it is")  # type: ignore[arg-type]
    assert bpe_tokenizer.decode(found) == "It is"


def test_counts_are_of_rows_that_are_right_behind_the_true_beginning() -> None:
    answers = [
        answer(true_right=True, changed_answer="5", changed_right=False),
        answer(true_right=True, changed_answer="4", changed_right=True),
        answer(true_right=True, changed_answer=None, changed_right=False),
        answer(true_right=False, changed_answer="4", changed_right=True),
    ]
    found = ChangedSteps.of(answers, "d", "m", "long", 2)
    assert (found.rows, found.without_number, found.right) == (6, 2, 3)
    assert (found.followed, found.ignored, found.unanswered) == (1, 1, 1)
    assert found.followed_interval is not None
    assert ChangedSteps.of(answers[3:], "d", "m", "long", 0).followed_interval is None
