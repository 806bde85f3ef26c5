"""Completions with planted faults, through the whole of judging, against a count by
hand.

The problem is `[MAX 4 [MED 9 4 ] [SM 15 27 1 ] ]`, whose answer is 6.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from axolotl.prompt_strategies import load
from axolotl.utils.dict import DictDefault

from axolotl_explain.core.example import Example
from axolotl_explain.evaluation.decoding import Decoding, GeneratedBatch
from axolotl_explain.evaluation.evaluator import Evaluator
from axolotl_explain.recipe.install import install_settings
from axolotl_explain.recipe.levels_asked import ANY_LEVEL
from axolotl_explain.report.metrics_table import stopping_notes
from axolotl_explain.results.completion import Completion
from axolotl_explain.results.metrics import Metrics
from axolotl_explain.tasks.listops.parse import parse
from axolotl_explain.tasks.listops.problem import as_example

EXAMPLE = as_example(parse("[MAX 4 [MED 9 4 ] [SM 15 27 1 ] ]"), 10, "planted")
MED = "MED 9, 4 -> sorted 4, 9 -> 6\n"
SM = "SM 15, 27, 1 -> sum 43 -> 3\n"
MAX = "MAX 4, 6, 3 -> 6\n"
STEPS = MED + SM + MAX
WRONG_SM = MED + "SM 15, 27, 1 -> sum 43 -> 4\n" + "MAX 4, 6, 4 -> 6\n"

PLANTED = {
    "all right": f"{STEPS}Final answer: 6",
    "right after a wrong step": f"{WRONG_SM}Final answer: 6",
    "wrong after right steps": f"{STEPS}Final answer: 7",
    "no marker": STEPS,
    "cut off": f"{MED}SM 15, 27,",
    "extra text after it": f"{STEPS}Final answer: 6\nI hope this helps.",
    "another number format": f"{STEPS}Final answer: 6.0",
    "extra text before it": f"Let me see.\n{STEPS}Final answer: 6",
}
BUDGET = 300


def evaluator(tokenizer: Any, texts: Sequence[str], **explain: Any) -> Evaluator:
    """One whose engine writes these texts, one for each prompt."""

    def planted(
        model: Any,
        prompts: Sequence[list[int]],
        decoding: Decoding,
        done: Collection[int] = (),
    ) -> Iterator[GeneratedBatch]:
        stop = [decoding.stop_ids[0]]
        written = [tokenizer(text)["input_ids"] for text in texts]
        for at, ids in enumerate(written):
            cut = ids if texts[at] == PLANTED["cut off"] else ids + stop
            yield [(at, decoding.cut(cut))]

    entry = {"path": "rows", "type": "axolotl_explain.instruct"}
    options = {"level": "medium", "template": "{{ input }}\n", **explain}
    install_settings({"explain": options, "datasets": [entry]})
    cfg = DictDefault(sequence_len=512)
    strategy = load(entry["type"], tokenizer, cfg, DictDefault(entry))
    return Evaluator(None, tokenizer, strategy, "rows", "tuned", engine=planted)


@pytest.fixture(scope="module")
def judged(bpe_tokenizer: Any) -> dict[str, Completion]:
    found = evaluator(bpe_tokenizer, [*PLANTED.values()]).complete(
        "medium", [EXAMPLE] * len(PLANTED), BUDGET
    )
    return dict(zip(PLANTED, found, strict=True))


def test_every_completion_is_judged_as_by_hand(judged: dict[str, Completion]) -> None:
    strict = [name for name, one in judged.items() if one.exact_match]
    assert strict == ["all right", "right after a wrong step", "extra text before it"]
    wrong = [name for name, one in judged.items() if not one.flexible_match]
    assert wrong == ["wrong after right steps", "cut off"]
    unparsed = [name for name, one in judged.items() if one.extracted is None]
    assert unparsed == ["no marker", "cut off"]
    assert [name for name, one in judged.items() if one.truncated] == ["cut off"]
    faults = {
        name: (one.wrong_step, one.wrong_operator)
        for name, one in judged.items()
        if not one.explanation_valid
    }
    assert faults == {
        "right after a wrong step": (2, "SM"),
        "cut off": (2, "SM"),
        "extra text before it": (1, "MED"),
    }


def test_every_metric_comes_out_as_the_count_by_hand(
    judged: dict[str, Completion], bpe_tokenizer: Any
) -> None:
    metrics = Metrics.of([*judged.values()])
    tokens = sum(len(bpe_tokenizer(text)["input_ids"]) for text in PLANTED.values())
    assert metrics.num_rows == 8
    assert metrics.exact_match == 3 / 8
    assert metrics.flexible_match == 6 / 8
    assert metrics.parsed_rate == 6 / 8
    assert metrics.truncated_rate == 1 / 8
    assert metrics.tokens_per_completion == tokens / 8
    assert metrics.tokens_per_right_answer == tokens / 3
    assert metrics.num_verified == 8
    assert metrics.explanation_validity == 5 / 8
    assert metrics.cells == {
        "right_valid": 1,
        "right_invalid": 2,
        "wrong_valid": 4,
        "wrong_invalid": 1,
    }
    assert metrics.first_wrong_steps == [
        {"operator": "SM", "step": 2, "count": 2},
        {"operator": "MED", "step": 1, "count": 1},
    ]


def test_a_wrong_step_has_a_reason_and_a_right_explanation_none(
    judged: dict[str, Completion],
) -> None:
    reason = judged["right after a wrong step"].wrong_reason
    assert reason is not None
    assert "step 2 (SM)" in reason
    assert judged["all right"].wrong_reason is None


def test_the_prompt_the_dataset_and_the_model_are_kept(
    judged: dict[str, Completion], bpe_tokenizer: Any
) -> None:
    one = judged["all right"]
    assert (one.row, one.id, one.data, one.model) == (1, "planted", "rows", "tuned")
    assert one.prompt == f"{EXAMPLE.input}\n"
    assert one.num_prompt_tokens == len(bpe_tokenizer(one.prompt)["input_ids"])
    assert one.meta == EXAMPLE.meta
    assert [one.row for one in judged.values()] == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("text", "right", "valid"),
    [
        (f"Final answer: 6\n{STEPS}", True, True),
        (f"Final answer: 7\n{STEPS}", False, True),
        (f"Final answer: 6\n{WRONG_SM}", True, False),
        (STEPS, False, True),
        ("Final answer: 6", True, False),
    ],
)
def test_with_the_answer_first_the_explanation_is_what_follows(
    bpe_tokenizer: Any, text: str, right: bool, valid: bool
) -> None:
    asked = evaluator(bpe_tokenizer, [text], order="answer_first")
    (one,) = asked.complete("medium", [EXAMPLE], BUDGET)
    assert (one.exact_match, one.explanation_valid) == (right, valid)


@pytest.mark.parametrize(
    ("text", "valid", "step"),
    [
        (f"{STEPS}Final answer: 6", True, None),
        ("MED 6\nSM 3\nMAX 6\nFinal answer: 6", True, None),
        ("MED 6\nSM 4\nMAX 6\nFinal answer: 6", False, 2),
        ("Final answer: 6", None, None),
    ],
)
def test_where_the_level_is_open_an_explanation_of_any_level_is_right(
    bpe_tokenizer: Any, text: str, valid: bool | None, step: int | None
) -> None:
    options = {"level": {"short": 1, "medium": 1}, "level_request": "never"}
    asked = evaluator(bpe_tokenizer, [text], **options)
    (one,) = asked.complete(ANY_LEVEL, [EXAMPLE], BUDGET)
    assert (one.explanation_valid, one.wrong_step) == (valid, step)


def test_an_answer_alone_has_no_explanation_to_verify(bpe_tokenizer: Any) -> None:
    asked = evaluator(bpe_tokenizer, ["Final answer: 6"], level="none")
    (one,) = asked.complete("none", [EXAMPLE], BUDGET)
    assert one.exact_match
    assert one.explanation_valid is None


@pytest.mark.parametrize("meta", [{}, {"task": "other"}, {"task": ["listops"]}])
def test_rows_of_no_known_task_are_not_verified(
    bpe_tokenizer: Any, meta: dict[str, Any]
) -> None:
    example = Example("Evaluate.", "6", "[MAX 4 6 ]", meta=meta)
    asked = evaluator(bpe_tokenizer, ["MAX 4, 6 -> 6\nFinal answer: 6"])
    (one,) = asked.complete("medium", [example], BUDGET)
    assert (one.explanation_valid, one.wrong_step) == (None, None)


@pytest.mark.parametrize("text", ["", " ", "\x00\ud7ff💥", "](" * 500, "9" * 9_000])
def test_garbage_gets_a_verdict(bpe_tokenizer: Any, text: str) -> None:
    asked = evaluator(bpe_tokenizer, [text])
    (one,) = asked.complete("medium", [EXAMPLE], 20_000)
    assert (one.exact_match, one.explanation_valid) == (False, False)


def test_an_explanation_at_a_derived_level_is_judged_as_the_tasks_own(
    bpe_tokenizer: Any,
) -> None:
    derived = evaluator(
        bpe_tokenizer,
        [PLANTED["all right"], PLANTED["right after a wrong step"]],
        level="short",
        derive_levels={"by": "length"},
    )
    found = derived.complete("short", [EXAMPLE] * 2, BUDGET)
    assert [one.level for one in found] == ["short", "short"]
    assert [one.explanation_valid for one in found] == [True, False]


def test_under_multitask_the_answer_alone_is_judged(bpe_tokenizer: Any) -> None:
    apart = evaluator(
        bpe_tokenizer,
        ["Final answer: 6", "It is 6."],
        order="multitask",
        template="{{ instruction }}\n{{ input }}\n",
    )
    found = apart.complete("none", [EXAMPLE] * 2)
    assert [one.exact_match for one in found] == [True, False]
    assert [one.extracted for one in found] == ["6", None]
    assert [one.explanation_valid for one in found] == [None, None]
    assert "Predict the answer." in found[0].prompt


def test_a_completion_may_grow_beyond_the_longest_target_by_some_headroom(
    bpe_tokenizer: Any,
) -> None:
    """A tenth more, so that a longer way to the answer is not cut; less than twice."""
    asked = evaluator(bpe_tokenizer, [])
    bare = Example("Evaluate.", "6", "x", {"medium": "It is 6."})
    longest = len(bpe_tokenizer(f"{STEPS.strip()}\nFinal answer: 6")["input_ids"]) + 1
    assert EXAMPLE.explanations["medium"] == STEPS.strip()
    for examples in ([EXAMPLE, bare], [bare, EXAMPLE]):
        budget = asked.token_budget("medium", examples)
        assert 1.1 * longest <= budget <= 1.5 * longest


def test_where_a_row_has_no_explanation_to_measure_all_the_room_is_given(
    bpe_tokenizer: Any,
) -> None:
    bare = Example("Evaluate.", "6", "x")
    budget = evaluator(bpe_tokenizer, []).token_budget("medium", [bare, EXAMPLE])
    assert budget == 512 - len(bpe_tokenizer("x\n")["input_ids"])


def test_completions_end_where_the_model_would_when_it_is_served(
    bpe_tokenizer: Any,
) -> None:
    one = evaluator(bpe_tokenizer, [PLANTED["all right"]])
    end = bpe_tokenizer.convert_tokens_to_ids("<|pad|>")
    served = replace(one, ends=[end], engine=run_on(bpe_tokenizer))
    (found,) = served.complete("medium", [EXAMPLE], BUDGET)
    # The recipe ends a target in another token, which this model runs over.
    assert found.completion.endswith("Final answer: 6 and more")
    (found,) = replace(served, ends=[]).complete("medium", [EXAMPLE], BUDGET)
    assert found.completion.endswith("Final answer: 6")


def run_on(tokenizer: Any) -> Any:
    """An engine that writes beyond the tokenizer's own end."""
    text = f"{STEPS}Final answer: 6<|end|> and more<|pad|> x"
    ids = tokenizer(text)["input_ids"]

    def engine(
        model: Any,
        prompts: Sequence[list[int]],
        decoding: Decoding,
        done: Collection[int] = (),
    ) -> Iterator[GeneratedBatch]:
        yield [(0, decoding.cut(ids))]

    return engine


RUNS_ON = f"{STEPS}Final answer: 6\nSM 1 -> 1\nFinal answer: 1"


def test_an_untrained_model_ends_with_its_first_answer_line(
    bpe_tokenizer: Any,
) -> None:
    asked = evaluator(bpe_tokenizer, [RUNS_ON, PLANTED["all right"]])
    base = replace(asked, untrained=True)
    found, whole = base.complete("medium", [EXAMPLE] * 2, BUDGET)
    kept = PLANTED["all right"]
    assert (found.completion, found.raw, found.extracted) == (kept, RUNS_ON, "6")
    assert (found.exact_match, found.exact_match_if_cut) == (True, True)
    assert found.num_tokens == whole.num_tokens == len(bpe_tokenizer(kept)["input_ids"])
    assert (whole.completion, whole.raw) == (kept, None)


def test_a_trained_model_that_runs_on_is_wrong_and_it_is_told(
    bpe_tokenizer: Any,
) -> None:
    asked = evaluator(bpe_tokenizer, [RUNS_ON, PLANTED["no marker"]])
    found = asked.complete("medium", [EXAMPLE] * 2, BUDGET)
    assert [one.raw for one in found] == [None, None]
    assert [one.extracted for one in found] == ["1", None]
    assert [one.exact_match for one in found] == [False, False]
    assert [one.exact_match_if_cut for one in found] == [True, False]
    assert Metrics.of(found).exact_match_if_cut == 0.5
    (note,) = stopping_notes(found)
    assert "medium: 1 of 2 more would be right" in note


def test_an_engine_is_told_when_an_untrained_model_has_answered(
    bpe_tokenizer: Any,
) -> None:
    ended = []

    def engine(
        model: Any,
        prompts: Sequence[list[int]],
        decoding: Decoding,
        done: Collection[int] = (),
    ) -> Iterator[GeneratedBatch]:
        ids = bpe_tokenizer(RUNS_ON)["input_ids"]
        assert decoding.ended is not None
        at = next(at for at in range(len(ids)) if decoding.ended(0, ids[:at]))
        ended.append(at)
        yield [(0, decoding.cut(ids[:at]))]

    asked = evaluator(bpe_tokenizer, [])
    base = replace(asked, untrained=True, engine=engine)
    (found,) = base.complete("medium", [EXAMPLE], BUDGET)
    assert found.completion == PLANTED["all right"]
    assert not found.truncated
    assert found.num_tokens < ended[0] <= found.num_tokens + 2
