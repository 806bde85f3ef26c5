"""`axolotl explain inspect` shows what Axolotl trains on, and says where it is from."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axolotl.integrations.base import PluginManager
from click.testing import CliRunner
from rich.console import Console
from transformers import AutoTokenizer

from axolotl_explain.cli import main
from axolotl_explain.core.levels import LEVELS
from axolotl_explain.core.target import Kind as PartKind
from axolotl_explain.inspection.choose_rows import Choice, select
from axolotl_explain.inspection.data import Data, read_data, removed
from axolotl_explain.inspection.lengths import lengths_of
from axolotl_explain.inspection.page import render
from axolotl_explain.inspection.parts import special_ids, tokens_of
from axolotl_explain.inspection.terminal import CLOSE, OPEN, print_shown
from axolotl_explain.inspection.view import InspectionView, RowView, show, show_row
from axolotl_explain.support.yaml_file import read_recipe
from axolotl_explain.training.load import load_tokenizer
from tests.fixtures.bench import (
    Bench,
    entry,
    ids_and_labels,
    refusal,
    sum_row,
    training_row,
)
from tests.fixtures.tokenizers import Kind

HARMFUL = "\x00\x1b[31m\u202e</pre><script>document.title='owned'</script>"
WITH_HARM = sum_row(
    7, instruction=f"Add {HARMFUL}.", explanations={"short": f"日本語 🙂 {HARMFUL}"}
)
TOO_LONG = sum_row(8, explanations={"short": "So.", "long": "On and on. " * 100})
ROWS = [*(sum_row(index) for index in range(7)), WITH_HARM, TOO_LONG]
ALPACA = [
    {"instruction": f"Say {index}.", "input": "", "output": f"It is {index}."}
    for index in range(9)
]
GPU_ONLY: dict[str, Any] = {
    "bf16": True,
    "tf32": True,
    "attn_implementation": "flash_attention_2",
    **dict.fromkeys(("lora_mlp_kernel", "lora_qkv_kernel", "lora_o_kernel")),
}


def mixed(bench: Bench) -> dict[str, Any]:
    """Four datasets: both of our types, with thinking, answer first, and Axolotl's."""
    rows, alpaca = bench.rows(ROWS), bench.rows(ALPACA, "alpaca.jsonl")
    return {
        "datasets": [
            entry(rows, explain={"level": "all"}),
            entry(rows, "chat", explain={"level": "all", "thinking": True}),
            entry(
                rows, explain={"order": "answer_first", "on_missing_level": "nearest"}
            ),
            {"path": alpaca, "ds_type": "json", "type": "alpaca"},
        ],
        "chat_template": "qwen3",
        "shuffle_merged_datasets": True,
        "sample_packing": True,
        "eval_sample_packing": False,
        "val_set_size": 2,
        "sequence_len": 192,
    }


def data_of(bench: Bench, split: Any = "train", **changes: Any) -> Data:
    recipe = read_recipe(str(bench.write("inspected.yml", **changes)))
    return read_data(recipe, split, str(bench.folder / "temporary"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Bench:
    return Bench(tmp_path_factory.mktemp("inspected"), tiny_model)


@pytest.fixture(scope="module")
def data(place: Bench) -> Data:
    """The mixed recipe, for a GPU that is not here."""
    PluginManager.get_instance().plugins.clear()
    return data_of(place, **mixed(place), **GPU_ONLY)


@pytest.fixture(scope="module")
def rows(data: Data) -> list[RowView]:
    """All rows of the training split."""
    return [show_row(data, at) for at in range(len(data.dataset))]


@pytest.fixture(scope="module")
def shown(data: Data) -> InspectionView:
    return show("recipe.yml", data, range(len(data.dataset)), [])


def text_of(row: RowView, part: str) -> str:
    return "".join(token.text for token in row.tokens if token.part == part)


def source_of(row: RowView) -> Mapping[str, Any]:
    """The row that is named as the origin."""
    found = re.fullmatch(r"dataset \d, .*rows\.jsonl, row (\d)", row.origin)
    assert found is not None, row.origin
    return ROWS[int(found[1]) - 1]


def ours(rows: list[RowView]) -> list[RowView]:
    return [row for row in rows if row.group in LEVELS]


def test_ids_and_labels_are_exactly_those_that_training_gets(
    place: Bench, data: Data, rows: list[RowView]
) -> None:
    prepared = place.prepare(**mixed(place))
    assert len(rows) > 50
    assert prepared.rows == [
        ([token.id for token in row.tokens], [token.label for token in row.tokens])
        for row in rows
    ]
    assert ids_and_labels(prepared.evaluation) == ids_and_labels(
        data_of(place, "test", **mixed(place)).dataset
    )


def test_the_row_that_is_named_holds_the_problem_that_is_shown(
    rows: list[RowView],
) -> None:
    assert {row.group for row in rows} == {*LEVELS, "alpaca"}
    for row in ours(rows):
        assert f"{source_of(row)['input']}" in text_of(row, "prompt")
    for row in rows:
        if row.group == "alpaca":
            number = int(row.origin.rpartition(" ")[2])
            text = "".join(token.text for token in row.tokens)
            assert f"Say {number - 1}." in text


def test_each_part_holds_what_the_row_says(rows: list[RowView]) -> None:
    for row in ours(rows):
        source = source_of(row)
        asked = source["explanations"].get(row.group, "")
        assert text_of(row, "explanation").strip() == asked
        assert text_of(row, "answer").strip() == source["answer"]
        assert text_of(row, "end") == "<|im_end|>"
        assert "Final answer:" in text_of(row, "marker")
        assert not text_of(row, "other")


def test_the_tokens_together_are_the_decoded_row(
    data: Data, rows: list[RowView]
) -> None:
    for row in rows:
        ids = [token.id for token in row.tokens]
        text = "".join(token.text for token in row.tokens)
        assert text == data.tokenizer.decode(ids)
        assert sum(count.num_tokens for count in row.counts) == len(ids)
        assert row.num_trained == sum(token.label != -100 for token in row.tokens)


def test_other_types_are_shown_without_parts_that_nobody_knows(
    rows: list[RowView],
) -> None:
    for row in rows:
        if row.group == "alpaca":
            parts = {token.part for token in row.tokens}
            assert parts == {"prompt", "other", "end"}
            assert text_of(row, "other").startswith("It is")


def test_lengths_are_counted_per_level_with_what_was_too_long(
    data: Data, rows: list[RowView]
) -> None:
    lengths = lengths_of(data)
    for group in lengths.groups:
        own = [len(row.tokens) for row in rows if row.group == group.name]
        assert sorted(group.sizes) == sorted(own)
        assert sum(group.counts) == len(own)
    assert {group.name: group.num_too_long for group in lengths.groups} == {
        "none": 0,
        "short": 0,
        "medium": 0,
        "long": 3,
        "alpaca": 0,
    }
    assert removed(data) == {}


def test_rows_are_chosen_by_number_level_and_dataset(data: Data) -> None:
    def chosen(**fields: Any) -> list[tuple[int, int, str]]:
        places = select(data, Choice(**fields))
        origins = [data.origins(at)[0] for at in places]
        return [(one.source.number, one.row, one.group) for one in origins]

    assert set(chosen(rows=[3], datasets=[1])) <= {(1, 3, level) for level in LEVELS}
    assert {level for _, _, level in chosen(levels=["short"], first=99)} == {"short"}
    assert len(chosen(first=2)) == 2
    groups = Counter((number, level) for number, _, level in chosen())
    assert set(groups.values()) == {1}
    assert {number for number, _ in groups} == {1, 2, 3, 4}


def test_a_row_that_was_dropped_is_not_looked_for_in_vain(data: Data) -> None:
    choice = Choice(rows=[9], levels=["long"], datasets=[2])
    message = refusal(select, data, choice)
    assert "row 9 of" in message
    assert "at level long: dropped: longer than sequence_len" in message
    assert "no row of the train data" in refusal(select, data, Choice(rows=[99]))
    assert "the recipe has 1 " in refusal(select, data, Choice(datasets=[5]))


def test_plain_text_marks_trained_tokens_and_lets_nothing_harmful_through(
    shown: InspectionView,
) -> None:
    file = io.StringIO()
    print_shown(Console(file=file, width=100), shown, with_ids=False)
    text = file.getvalue()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    assert "\\x00" in text
    assert "\\u202e" in text
    trained = sum(row.num_trained for row in shown.rows)
    assert text.count(OPEN) == text.count(CLOSE) == trained + 1


def test_a_terminal_underlines_trained_tokens(shown: InspectionView) -> None:
    file = io.StringIO()
    console = Console(file=file, width=100, force_terminal=True, color_system="256")
    print_shown(console, replace(shown, rows=shown.rows[:3]), with_ids=True)
    assert re.search("\x1b\\[[0-9;]*4[0-9;]*m 1?[0-9]", file.getvalue())
    assert OPEN not in file.getvalue()


def test_a_terminal_without_colours_gets_brackets(shown: InspectionView) -> None:
    file = io.StringIO()
    console = Console(file=file, width=100, force_terminal=True, no_color=True)
    print_shown(console, shown, with_ids=False)
    assert f"{OPEN}Final{CLOSE}" in re.sub("\x1b\\[[0-9;]*m", "", file.getvalue())


def test_the_page_has_every_id_and_label_and_no_markup_of_the_data(
    shown: InspectionView,
) -> None:
    page = render(shown, with_ids=True)
    assert "<script" not in page
    assert "&lt;script&gt;document" in "".join(re.split("</?span[^>]*>", page))
    found = re.findall(r'title="id (\d+), label (-?\d+), ', page)
    assert [(int(id), int(label)) for id, label in found] == [
        (token.id, token.label) for row in shown.rows for token in row.tokens
    ]


def test_the_prompt_is_told_apart_where_it_is_trained_too(bench: Bench) -> None:
    data = data_of(
        bench, train_on_inputs=True, datasets=[entry(bench.rows([sum_row(1)]))]
    )
    (place,) = select(data, Choice())
    row = show_row(data, place)
    assert all(token.trained for token in row.tokens)
    assert text_of(row, "prompt").endswith("### Response:\n")
    assert text_of(row, "explanation") == sum_row(1)["explanations"]["long"]


def test_multitask_rows_have_an_explanation_or_an_answer(bench: Bench) -> None:
    source = sum_row(1)
    data = data_of(
        bench,
        datasets=[entry(bench.rows([source]), explain={"order": "multitask"})],
    )
    rows = [show_row(data, place) for place in select(data, Choice())]
    parts = {row.group: {token.part for token in row.tokens} for row in rows}
    assert parts["none"] == {"prompt", "marker", "answer", "end"}
    assert parts["long"] == {"prompt", "explanation", "end"}
    found = {row.group: row for row in rows}
    assert text_of(found["none"], "answer").strip() == source["answer"]
    assert text_of(found["long"], "explanation") == source["explanations"]["long"]


def test_a_source_and_its_target_are_shown_one_behind_the_other(
    t5_bench: Bench,
) -> None:
    source = sum_row(1)
    data = data_of(t5_bench, datasets=[entry(t5_bench.rows([source]), "seq2seq")])
    (place,) = select(data, Choice())
    row, (ids, labels) = show_row(data, place), ids_and_labels(data.dataset)[0]
    assert [token.id for token in row.tokens] == ids + labels
    assert [token.label for token in row.tokens] == [-100] * len(ids) + labels
    assert source["input"] in text_of(row, "prompt")
    assert text_of(row, "explanation").strip() == source["explanations"]["long"]
    assert text_of(row, "answer").strip() == source["answer"]
    assert lengths_of(data).longest == len(ids) + len(labels)


def test_parts_are_found_with_every_kind_of_tokenizer(bench: Bench, kind: Kind) -> None:
    source = sum_row(1, explanations={"long": "Straße → 日本語 🙂. So it is."})
    strategy = bench.strategy(
        kind.tokenizer, datasets=[entry(bench.rows([source]))], **kind.keys
    )
    ((prompt, target),) = strategy.formatter.encode([training_row(source)])
    ids = [*prompt, *target.ids]
    kinds = [PartKind(number) for number in target.kinds]
    tokens = tokens_of(kind.tokenizer, ids, ids, kinds)
    found = {token.part: "" for token in tokens}
    for token in tokens:
        found[token.part] += token.text
    assert found["explanation"].strip() == source["explanations"]["long"]
    assert found["answer"].strip() == source["answer"]
    assert [token.id for token in tokens if token.part == "end"] == target.ids[-1:]
    assert target.ids[-1] in special_ids(kind.tokenizer)


def test_the_command_leaves_nothing_behind(
    bench: Bench, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = bench.write(
        datasets=[entry(bench.rows([sum_row(1)]), "chat")],
        dataset_prepared_path="prepared",
        output_dir="out",
    )
    monkeypatch.chdir(bench.folder)
    before = sorted(bench.folder.rglob("*"))
    result = CliRunner().invoke(main, ["inspect", str(recipe), "--html", "page.html"])
    assert result.exit_code == 0, result.output
    page = bench.folder / "page.html"
    assert sorted(bench.folder.rglob("*")) == sorted([*before, page])
    assert "What recipe.yml trains on" in page.read_text("utf-8")


def test_a_tokenizer_that_cannot_be_read_is_named_with_the_way_to_get_it(
    bench: Bench,
) -> None:
    datasets = [entry(bench.rows([sum_row(1)]))]
    message = refusal(data_of, bench, base_model="no-one/no-model", datasets=datasets)
    assert message.startswith("base_model: the tokenizer no-one/no-model cannot be")
    assert "hf download no-one/no-model" in message


def test_a_split_that_is_not_there_is_said(bench: Bench) -> None:
    datasets = [entry(bench.rows([sum_row(1)]))]
    message = refusal(data_of, bench, "test", datasets=datasets)
    assert message.startswith("--split test: the recipe has neither test_datasets nor")


def test_the_tokenizer_is_that_of_the_recipe(bench: Bench, tiny_model: Path) -> None:
    cfg = bench.cfg(datasets=[entry(bench.rows([sum_row(1)]))], tokens=["<extra>"])
    tokenizer = load_tokenizer(cfg)
    plain = AutoTokenizer.from_pretrained(tiny_model)
    assert special_ids(tokenizer) - special_ids(plain) == {len(plain)}


@pytest.mark.parametrize(
    "keys",
    [
        {"val_set_size": 0.2},
        {"explain": {"control": "mismatched"}},
    ],
)
def test_what_training_refuses_of_a_stream_is_refused_in_the_same_words(
    bench: Bench, tmp_path: Path, keys: dict[str, Any]
) -> None:
    streamed = {"streaming": True, "max_steps": 1, **keys}
    recipe = bench.recipe(datasets=[entry(bench.rows(ROWS))], **streamed)
    shown = refusal(read_data, recipe, "train", str(tmp_path / "inspect"))
    assert shown == refusal(bench.cfg, **recipe)
    assert "a stream" in shown or "never seen together" in shown


@pytest.mark.parametrize(
    ("stage", "left"), [(0, "Start at 4. Go up"), (1, "Go up by 7."), (3, "Final")]
)
def test_a_stage_of_internalising_is_shown_as_it_trains(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, stage: int, left: str
) -> None:
    monkeypatch.chdir(bench.folder)
    path = bench.write(
        datasets=[entry(bench.rows([sum_row(1)]))],
        explain={"internalise": {"unit": "sentence", "smoothing": 0}},
    )
    words = ["inspect", str(path), "--stage", str(stage), "--width", "200"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    target = done.output.partition("### Response:")[2]
    bare = target.replace(OPEN, "").replace(CLOSE, "").replace("↵", "")
    shown = " ".join(bare.split())
    assert shown.startswith(left), target
    assert "Final answer: 11" in shown
