"""What a stage of internalisation trains on, with every way of asking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from axolotl_explain.core.target import Kind
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.targets.stages import StageCut, split_units
from axolotl_explain.tokens.encoder import Encoded
from axolotl_explain.training.staged_formatter import StagedFormatter, num_explaining
from tests.fixtures.bench import Bench, entry, ids_and_labels, sum_row, training_row

ROW = sum_row(1)
LINES = "Start at 4.\nGo up by 7.\n\nThat is 11."
WAYS = ("instruct", "chat", "thinking", "seq2seq")
WORDS = st.sampled_from(["Add 4.", "So", "11", "7 + 4 = 11", "\n", "\n\n", ". ", " "])
TEXTS = st.lists(WORDS, min_size=1, max_size=12).map("".join)
CUTS = st.builds(
    StageCut,
    stage=st.integers(1, 9),
    unit=st.sampled_from(["line", "sentence", "token"]),
    step=st.integers(1, 3),
    side=st.sampled_from(["left", "right"]),
    start=st.sampled_from(["whole", "nothing"]),
    smoothing=st.sampled_from([None, 1.0]),
)


@dataclass
class Way:
    """A way of asking, and its strategies with other keys below `explain:`."""

    name: str
    make: Callable[..., Any]
    plain: Any

    def row(self, explanation: str = LINES) -> TrainingRow:
        return replace(training_row(ROW), explanation=explanation)

    def encode(self, row: TrainingRow) -> tuple[list[int], Encoded]:
        found: tuple[list[int], Encoded] = self.plain.formatter.encode([row])[0]
        return found

    def staged(self, cut: StageCut, draws: bool = False) -> StagedFormatter:
        return StagedFormatter(self.plain.formatter, cut, draws)


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Way:
    name = request.param
    bench: Bench = request.getfixturevalue("t5_bench" if name == "seq2seq" else "bench")
    kind = "chat" if name == "thinking" else name
    own = {"thinking": True} if name == "thinking" else {}
    keys = {"chat_template": "qwen3"} if name == "thinking" else {}

    def make(**explain: Any) -> Any:
        datasets = [entry(bench.rows([ROW]), kind, explain=own)]
        return bench.strategy(datasets=datasets, explain=explain, **keys)

    return Way(name, make, make())


def same(one: tuple[list[int], Encoded], two: tuple[list[int], Encoded]) -> bool:
    (prompt, target), (other_prompt, other) = one, two
    kinds = target.kinds.tolist() == other.kinds.tolist()
    return prompt == other_prompt and target.ids == other.ids and kinds


def of_kind(target: Encoded, kind: Kind) -> list[int]:
    pairs = zip(target.ids, target.kinds.tolist(), strict=True)
    return [one for one, own in pairs if own == kind]


def test_the_recipe_of_a_stage_takes_away_in_training_and_not_in_asking(
    way: Way,
) -> None:
    stage = way.make(internalise={"stage": 1, "unit": "sentence", "smoothing": 0})
    row = training_row(ROW)
    left = replace(row, explanation=row.explanation.partition(" Go")[2])
    left = replace(left, explanation=f"Go{left.explanation}")
    (found,) = stage.fitter.formatter.encode([row])
    assert same(found, way.encode(left))
    assert same(stage.formatter.encode([row])[0], way.encode(row))
    assert stage.formatter.prompts([row]) == way.plain.formatter.prompts([row])


@pytest.mark.parametrize("unit", ["line", "sentence", "token"])
def test_the_last_stage_is_the_target_of_level_none_behind_the_same_prompt(
    way: Way, unit: Any
) -> None:
    row = way.row()
    count = num_explaining(way.encode(row)[1])
    units = count if unit == "token" else len(split_units(LINES, unit))
    bare = way.encode(replace(row, explanation=""))
    last = way.staged(StageCut(units, unit))
    assert same(last.encode([row])[0], bare)
    before = way.staged(StageCut(units - 1, unit)).encode([row])[0]
    assert num_explaining(before[1]) > 0
    none = way.plain.formatter.encode([training_row(ROW, "none")])[0]
    assert bare[1].ids == none[1].ids
    assert bare[0] == none[0]


def test_tokens_of_the_explanation_go_from_the_side_that_is_asked_for(
    way: Way,
) -> None:
    row = way.row()
    whole = way.encode(row)[1]
    explaining = of_kind(whole, Kind.EXPLANATION)
    for side, left in (("left", explaining[2:]), ("right", explaining[:-2])):
        cut = StageCut(1, "token", 2, side)  # type: ignore[arg-type]
        (_, target) = way.staged(cut).encode([row])[0]
        assert of_kind(target, Kind.EXPLANATION) == left
        assert len(target.ids) == len(whole.ids) - 2


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(cut=CUTS, text=TEXTS)
def test_answer_end_and_prompt_are_never_touched(
    way: Way, cut: StageCut, text: str
) -> None:
    text = text.strip()
    row = way.row(text)
    prompt, whole = way.encode(row)
    found, target = way.staged(cut, draws=True).encode([row])[0]
    assert found == prompt
    for kind in (Kind.ANSWER, Kind.END):
        assert of_kind(target, kind) == of_kind(whole, kind)
    assert num_explaining(target) <= num_explaining(whole)


def test_a_stage_is_the_same_in_any_number_of_processes(bench: Bench) -> None:
    path = bench.rows(sum_row(index) for index in range(1_100))
    explain = {
        "internalise": {"stage": 2, "unit": "sentence", "smoothing": 1.0, "mix": 0.3}
    }
    found = [
        ids_and_labels(
            bench.wrap(
                datasets=[entry(path)], explain=explain, dataset_num_proc=processes
            ).train
        )
        for processes in (1, 2)
    ]
    assert found[0] == found[1]
    lengths = {sum(label != -100 for label in labels) for _, labels in found[0]}
    assert len(lengths) > 3


def test_rows_to_evaluate_on_lose_just_what_the_stage_says(bench: Bench) -> None:
    path = bench.rows(sum_row(index) for index in range(60))
    prepared = bench.prepare(
        datasets=[entry(path)],
        test_datasets=[entry(path)],
        explain={"internalise": {"stage": 1, "unit": "sentence", "smoothing": 0.2}},
    )
    test = ids_and_labels(prepared.evaluation)
    ends = [prepared.tokenizer.decode([i for i in ls if i != -100]) for _, ls in test]
    assert all(text.startswith("Go up by") for text in ends)
    assert ids_and_labels(prepared.train) != test


def test_the_log_says_which_stage_is_trained(bench: Bench, log: list[str]) -> None:
    path = bench.rows([sum_row(1)])
    explain = {"internalise": {"stage": 1, "unit": "sentence", "step": 2}}
    bench.wrap(datasets=[entry(path)], explain=explain)
    told = "internalising: stage 1, each explanation is without its first 2 sentences"
    assert any(told in line for line in log)
