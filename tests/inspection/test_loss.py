"""`inspect` shows what each token weighs in the loss: what training will make of it."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from axolotl.integrations.base import PluginManager
from rich.console import Console

from axolotl_explain.core.loss_weights import KIND_IN_LOSS, LossKind
from axolotl_explain.core.target import Kind
from axolotl_explain.inspection.data import Data, read_data
from axolotl_explain.inspection.lengths import lengths_of
from axolotl_explain.inspection.page import render
from axolotl_explain.inspection.terminal import print_shown
from axolotl_explain.inspection.view import InspectionView, RowView, show, show_row
from axolotl_explain.support.yaml_file import read_recipe
from axolotl_explain.tokens.join import KINDS
from axolotl_explain.training.kinds_collator import KindsCollator
from tests.fixtures.bench import Bench, entry, refusal, sum_row

ROWS = [sum_row(index) for index in range(6)]
ALPACA = [{"instruction": "Say it.", "input": "", "output": "It is said."}]
TENTH = {"weights": {"explanation": 0.1}}
FADE = {"schedule": {"explanation": {"to": 0.0, "start": 0.5}}}


def data_of(bench: Bench, loss: Any, split: Any = "train", **changes: Any) -> Data:
    """Six rows at all levels and one of another type, weighed by a block."""
    kind = "seq2seq" if "model_type" in bench.defaults else "instruct"
    explain = {"level": "all", **changes.pop("explain", {})}
    datasets = [entry(bench.rows(ROWS), kind)]
    if kind == "instruct":
        path = bench.rows(ALPACA, "alpaca.jsonl")
        datasets.append({"path": path, "ds_type": "json", "type": "alpaca"})
    keys = {"datasets": datasets, "explain": {**explain, "loss": loss}, **changes}
    path = bench.write("weighed.yml", **keys)
    return read_data(read_recipe(str(path)), split, str(bench.folder / "temporary"))


@pytest.fixture(scope="module")
def tenth(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Data:
    """The rows of a recipe that weighs explanations by 0.1."""
    PluginManager.get_instance().plugins.clear()
    return data_of(Bench(tmp_path_factory.mktemp("tenth"), tiny_model), TENTH)


@pytest.fixture(scope="module")
def shown(tenth: Data) -> InspectionView:
    return shown_of(tenth)


def rows_of(data: Data) -> list[RowView]:
    return [show_row(data, place) for place in range(len(data.dataset))]


def shown_of(data: Data) -> InspectionView:
    return show("recipe.yml", data, range(len(data.dataset)), [])


def printed(shown: InspectionView, **console: Any) -> str:
    file = io.StringIO()
    print_shown(Console(file=file, width=110, **console), shown, with_ids=True)
    return file.getvalue()


def mass(rows: Sequence[RowView]) -> Counter[str]:
    """The sum of weights of each part, as training begins."""
    found: Counter[str] = Counter()
    for row in rows:
        for token in row.tokens:
            assert token.weight is not None
            own = "answer" if token.part == "marker" else token.part
            found["other" if row.group == "alpaca" else own] += token.weight.start
    return found


def in_training(data: Data, weights: Mapping[LossKind, float]) -> list[list[float]]:
    """What the collator of a training lets the loss read, one row at a time."""

    def as_tensors(rows: Any) -> Any:
        import torch

        return {name: torch.tensor([rows[0][name]]) for name in ("input_ids", "labels")}

    collate = KindsCollator(as_tensors, shifts=not data.apart)
    table = {int(kind): weights[KIND_IN_LOSS[kind]] for kind in Kind} | {-100: 0.0}
    return [
        [table[kind] for kind in collate([row])[KINDS][0].tolist()]
        for row in data.dataset
    ]


def test_each_token_weighs_what_its_kind_does(bench: Bench) -> None:
    weights = {"explanation": 0.1, "end": 0.5}
    wanted = {"prompt": 0, "explanation": 0.1, "marker": 1, "answer": 1, "end": 0.5}
    rows = rows_of(data_of(bench, {"weights": weights}))
    assert len(rows) == 4 * len(ROWS) + 1
    for row in rows:
        for token in row.tokens:
            read = 1 if token.label != -100 else 0
            weight = read if row.group == "alpaca" else wanted[token.part]
            assert token.weight == (weight, weight)
            assert token.trained is (weight > 0)


@pytest.mark.parametrize(
    ("loss", "weights"),
    [
        ({"weights": {"prompt": 0.2, "explanation": 0.0}}, (0.2, 0.0, 1.0)),
        ({}, (0.0, 1.0, 1.0)),
    ],
)
def test_a_token_weighs_what_training_makes_of_it(
    bench: Bench, loss: Any, weights: Any
) -> None:
    data = data_of(bench, loss)
    prompt, explanation, rest = weights
    table = dict.fromkeys(("answer", "end", "other"), rest)
    table |= {"prompt": prompt, "explanation": explanation}
    shown = [
        [token.weight.start for token in row.tokens if token.weight]
        for row in rows_of(data)
    ]
    assert shown == in_training(data, table)
    assert data.num_read.tolist() == [sum(map(bool, row)) for row in shown]


def test_a_source_is_never_predicted(t5_bench: Bench) -> None:
    data = data_of(t5_bench, TENTH)
    table = {"prompt": 1.0, "explanation": 0.1, "answer": 1.0, "end": 1.0, "other": 1.0}
    trained = in_training(data, table)
    for row, weights, prepared in zip(
        rows_of(data), trained, data.dataset, strict=True
    ):
        source = [0.0] * len(prepared["input_ids"])
        shown = [token.weight.start for token in row.tokens if token.weight]
        assert shown == source + weights
        assert set(weights) == ({0.1, 1.0} if row.group != "none" else {1.0})
    assert data.loss is not None
    assert [one.kind for one in data.loss.by_kind] == ["explanation", "answer", "end"]


def test_trained_prompts_weigh_one_but_for_the_first_token(bench: Bench) -> None:
    for row in rows_of(data_of(bench, {}, train_on_inputs=True)):
        weights = [token.weight.start for token in row.tokens if token.weight]
        assert weights == [0.0] + [1.0] * (len(row.tokens) - 1)


def test_the_table_has_the_tokens_and_the_share_of_each_kind(
    shown: InspectionView,
) -> None:
    masses = mass(shown.rows)
    assert shown.loss is not None
    found = {one.kind: one for one in shown.loss.by_kind}
    assert list(found) == ["prompt", "explanation", "answer", "end", "other"]
    for kind, one in found.items():
        assert one.share == pytest.approx(masses[kind] / masses.total())
        assert one.last_share == one.share
        if kind != "prompt":
            assert one.tokens * one.weight.start == pytest.approx(masses[kind])
    prompts = [
        token.part == "prompt"
        for row in shown.rows
        for token in row.tokens[1:]
        if row.group != "alpaca"
    ]
    assert found["prompt"].tokens == sum(prompts)


def test_a_share_is_that_of_all_training_rows(bench: Bench) -> None:
    share = {"share": {"answer": 0.5, "end": 0.1}}
    data = data_of(bench, share, val_set_size=2)
    masses = mass(rows_of(data))
    assert masses["answer"] / masses.total() == pytest.approx(0.5)
    assert masses["end"] / masses.total() == pytest.approx(0.1)
    assert masses["explanation"] > 0
    held_out = data_of(bench, share, "test", val_set_size=2)
    assert held_out.loss is not None
    assert data.loss is not None
    assert held_out.loss.weights == data.loss.weights
    assert len(held_out.dataset) < len(data.dataset)


def test_a_weight_that_changes_is_shown_with_both_ends(bench: Bench) -> None:
    shown = shown_of(data_of(bench, FADE))
    assert shown.loss is not None
    explanation = {one.kind: one for one in shown.loss.by_kind}["explanation"]
    assert explanation.weight.text == "1 → 0"
    assert explanation.share > 0.5
    assert explanation.last_share == 0
    text = printed(shown)
    assert "[×1 → 0]‹S›‹t›‹ar›‹t›‹ at›‹ 1›‹.›" in text
    assert (
        "Schedule: explanation goes from 1 to 0 in a straight line from 50 % to 100 % "
        "of the training; evaluations keep"
    ) in " ".join(text.split())


def test_what_weighs_nothing_is_not_shown_as_trained(bench: Bench) -> None:
    explain = {"order": "multitask", "level": "long"}
    loss = {"weights": {"explanation": 0, "end": 0}}
    data = data_of(bench, loss, explain=explain)
    shown = shown_of(data)
    (warning,) = shown.warnings
    assert warning == (
        "6 of 13 rows have nothing that the loss reads: all their tokens weigh 0"
    )
    groups = {group.name: group.num_trained for group in lengths_of(data).groups}
    assert groups["long"] == 0
    assert groups["none"] == sum(
        row.num_trained for row in shown.rows if row.group == "none"
    )


def test_plain_text_has_the_number_before_what_weighs_it(
    shown: InspectionView,
) -> None:
    text = printed(shown)
    assert "[×0]### Instruction:↵" in text
    assert "[×0.1]‹S›‹t›‹ar›‹t›‹ at›‹ 1›‹.›" in text
    assert "[×1]‹↵›\n‹Final›‹ answer›‹:›" in text
    assert re.search(r"explanation +0\.1 +\d+ +\d+\.\d\n", text)
    assert re.search(r" 0\.1 +explanation +S *\n", text)


def test_a_terminal_colours_the_number_and_dims_what_weighs_nothing(
    shown: InspectionView,
) -> None:
    text = printed(shown, force_terminal=True, color_system="standard")
    assert "\x1b[7;90m[×0]\x1b[0m\x1b[2;39m#" in text
    assert re.search("\x1b\\[7;34m\\[×0\\.1\\]\x1b\\[0m\x1b\\[(1;)?4;36mS", text)
    assert re.search("\x1b\\[7;91m\\[×1\\]", text)


def test_the_page_says_the_weight_of_every_token(shown: InspectionView) -> None:
    page = render(shown, with_ids=True)
    found = re.findall(r'title="id \d+, label -?\d+, (\w+), weight ([\d.]+)"', page)
    assert found == [
        (token.part, token.weight.text)
        for row in shown.rows
        for token in row.tokens
        if token.weight is not None
    ]
    assert len(found) == sum(len(row.tokens) for row in shown.rows)
    assert page.count('style="--weight: 10">[×0.1]</b>') == 18


def test_without_the_block_nothing_is_said_of_weights(bench: Bench) -> None:
    path = bench.write(datasets=[entry(bench.rows(ROWS))])
    data = read_data(read_recipe(str(path)), "train", str(bench.folder / "temporary"))
    shown = shown_of(data)
    assert all(token.weight is None for row in shown.rows for token in row.tokens)
    assert "eight" not in printed(shown)
    assert "[×" not in printed(shown)
    page = render(shown, with_ids=True).partition("</style>")[2]
    assert "eight" not in page.replace("height", "")


def test_a_weight_without_effect_is_an_error(bench: Bench) -> None:
    datasets = [entry(bench.rows([sum_row(1, explanations={})], "bare.jsonl"))]
    explain = {"level": "long", "on_missing_level": "answer_only"}
    message = refusal(data_of, bench, TENTH, explain=explain, datasets=datasets)
    assert message.startswith("explain.loss.weights.explanation: none of ")
    assert "none of the training rows has a token of this kind" in message
