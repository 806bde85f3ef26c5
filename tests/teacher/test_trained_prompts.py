"""A model that this package trained is asked as its training asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from axolotl_explain.core.example import Example
from axolotl_explain.recipe.explain_file import ExplainFile, write_explain_file
from axolotl_explain.servers.server_reply import ServerReply
from axolotl_explain.teacher.trained_prompts import trained_prompts
from tests.fixtures.refused import refusal_of
from tests.teacher.teaching import answered, rules

SUM = Example("Add.", "13", "4 + 9")


def folder(where: Path, **more: Any) -> str:
    """What training leaves beside a model, as far as it matters here."""
    facts: dict[str, Any] = {
        "type": "axolotl_explain.instruct",
        "base_model": "nowhere",
        "levels": ("long",),
        "template": "{{ input }}\n",
        "end_tokens": ("</s>",),
    }
    write_explain_file(where, ExplainFile(**{**facts, **more}))
    return str(where)


def test_the_question_is_the_trained_one_and_hides_the_answer(tmp_path: Path) -> None:
    prompts = trained_prompts(folder(tmp_path))
    assert prompts.levels == ("long",)
    assert prompts.explain(SUM, "long") == [{"role": "user", "content": "4 + 9"}]


def test_a_prompt_that_no_conversation_gives_is_sent_as_text(tmp_path: Path) -> None:
    where = folder(tmp_path, template="{{ instruction }}\n{{ input }}\n")
    assert "as text" in refusal_of(trained_prompts(where).explain, SUM, "long")
    prompts = trained_prompts(where, as_text=True)
    assert prompts.explain(SUM, "long") == "Add.\n4 + 9\n"
    _, (asked,) = answered(SUM, rules(prompts=prompts, levels=("long",)), [None])
    assert json.loads(asked.content)["prompt"] == "Add.\n4 + 9\n"


def test_the_answer_is_found_before_what_ends_a_completion(tmp_path: Path) -> None:
    prompts = trained_prompts(folder(tmp_path, answer_marker="So: "))
    by = rules(prompts=prompts, levels=("long",))
    result, _ = answered(
        SUM, by, [ServerReply("4 + 9 = 13.\nSo: 13</s>x", finish="stop")]
    )
    assert result.explanations == [{"long": "4 + 9 = 13."}]


def test_each_level_is_asked_for_by_itself(tmp_path: Path) -> None:
    both = folder(
        tmp_path,
        levels=("none", "short", "long"),
        asks_for_level=True,
        template=None,
    )
    prompts = trained_prompts(both)
    assert prompts.levels == ("short", "long")
    by = rules(prompts=prompts, levels=prompts.levels, tries=1)
    right = "4 + 9 = 13.\nFinal answer: 13"
    result, asked = answered(SUM, by, [right, right])
    assert [one.ask for one in asked] == ["explain", "explain"]
    assert "Give a long explanation" in json.dumps(asked[0].asked)
    assert "Give a short explanation" in json.dumps(asked[1].asked)
    assert result.explanations == [{"long": "4 + 9 = 13.", "short": "4 + 9 = 13."}]
    alone, _ = answered(SUM, by, ["Final answer: 1", right])
    assert (alone.explanations, alone.mode) == ([{"short": "4 + 9 = 13."}], "sample")


def test_thoughts_are_the_explanation_where_they_were_trained_to_be(
    tmp_path: Path,
) -> None:
    reply = ServerReply("Final answer: 13", "4 + 9 = 13.", "stop")
    thinking = {"type": "axolotl_explain.chat", "template": None, "thinking": True}
    prompts = trained_prompts(folder(tmp_path, **thinking))
    result, _ = answered(SUM, rules(prompts=prompts, levels=("long",)), [reply])
    assert result.explanations == [{"long": "4 + 9 = 13."}]


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"levels": ("none",)}, "explains nothing"),
        ({"order": "multitask"}, "explains apart from its answers"),
    ],
)
def test_a_model_without_explanations_is_no_teacher(
    tmp_path: Path, facts: dict[str, Any], why: str
) -> None:
    assert why in refusal_of(trained_prompts, folder(tmp_path, **facts))


def test_a_trained_model_is_given_no_hint(tmp_path: Path) -> None:
    prompts = trained_prompts(folder(tmp_path))
    assert "--hint" in refusal_of(prompts.hint, SUM, "long")
