"""`type: axolotl_explain.seq2seq` inside Axolotl, with two kinds of tokenizer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from axolotl.utils.collators import DataCollatorForSeq2Seq
from tokenizers.processors import TemplateProcessing
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from axolotl_explain import Example
from axolotl_explain.checking.check_recipe import check_recipe
from axolotl_explain.core.target import Kind
from axolotl_explain.evaluation.decoding import Decoding
from axolotl_explain.evaluation.evaluator import Evaluator
from axolotl_explain.evaluation.loaded_model import load_for_evaluation
from axolotl_explain.evaluation.transformers_engine import generate_batches
from tests.fixtures.bench import (
    CPU,
    Bench,
    Prepared,
    entry,
    ids_and_labels,
    refusal,
    sum_row,
    training_row,
)

pytestmark = pytest.mark.usefixtures("fresh_process")

ROW = sum_row(1)
SOURCE = "Add the two numbers. 4 7"
LONG = "Start at 4. Go up by 7. That is 11."
TARGET = f"{LONG} | Final answer: 11"
END = "</s>"


def train_on(
    bench: Bench, rows: list[dict[str, Any]], explain: Any = None, **keys: Any
) -> Prepared:
    datasets = [entry(bench.rows(rows), "seq2seq")]
    return bench.wrap(datasets=datasets, explain=explain or {}, **keys)


def strategy(bench: Bench, tokenizer: Any = None, explain: Any = None) -> Any:
    return bench.strategy(
        tokenizer,
        datasets=[entry(bench.rows([ROW]), "seq2seq")],
        explain=explain or {},
    )


def sources_and_targets(prepared: Prepared) -> list[tuple[str, str]]:
    decode = prepared.tokenizer.decode
    return [(decode(ids), decode(labels)) for ids, labels in prepared.rows]


def test_the_source_is_what_the_tokenizer_makes_of_the_prompt(t5_bench: Bench) -> None:
    prepared = train_on(t5_bench, [ROW])
    ((ids, labels),) = prepared.rows
    assert ids == prepared.tokenizer(SOURCE)["input_ids"]
    assert labels == prepared.tokenizer(text_target=TARGET)["input_ids"]
    assert list(prepared.train[0]["attention_mask"]) == [1] * len(ids)
    assert sources_and_targets(prepared) == [(SOURCE + END, TARGET + END)]


def test_the_prompt_in_training_is_the_prompt_in_generation(t5_bench: Bench) -> None:
    ((ids, _),) = train_on(t5_bench, [ROW]).rows
    assert strategy(t5_bench).formatter.prompts([training_row(ROW)]) == [ids]


def test_a_tokenizer_with_line_breaks_and_no_end_keeps_them_and_gets_one(
    bench: Bench, tiny_model: Path
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    keys = {"model_type": "AutoModelForSeq2SeqLM"}
    prepared = train_on(bench, [ROW], **keys)
    ((ids, labels),) = prepared.rows
    assert ids == tokenizer("Add the two numbers.\n4 7")["input_ids"]
    target = tokenizer(f"{LONG}\nFinal answer: 11")["input_ids"]
    assert labels == [*target, tokenizer.eos_token_id]


def test_what_the_tokenizer_puts_around_a_text_is_around_the_target(
    t5_bench: Bench,
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(t5_bench.base_model)
    first, last = "<pad>", "<unk>"
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single=f"{first} $A {last} {END}",
        special_tokens=[
            (token, tokenizer.convert_tokens_to_ids(token))
            for token in (first, last, END)
        ],
    )
    formatter = strategy(t5_bench, tokenizer).formatter
    ((source, target),) = formatter.encode([training_row(ROW)])
    for ids, text in ((source, SOURCE), (target.ids, TARGET)):
        bare = tokenizer(text, add_special_tokens=False)["input_ids"]
        assert ids == tokenizer.convert_tokens_to_ids([first]) + bare + (
            tokenizer.convert_tokens_to_ids([last, END])
        )
    assert [target.kinds[0], *target.kinds[-2:]] == [Kind.MARKER, Kind.END, Kind.END]
    assert formatter.stop_ids == tokenizer.convert_tokens_to_ids([last, END])


def test_padding_is_out_of_the_loss_in_sources_and_targets(t5_bench: Bench) -> None:
    longer = sum_row(2, instruction="Add the two numbers below to each other.")
    rows = [ROW, longer, sum_row(3, explanations={"long": "Up. " * 30})]
    prepared = train_on(t5_bench, rows)
    batch = DataCollatorForSeq2Seq(prepared.tokenizer)(list(prepared.train))
    assert batch["input_ids"].shape == batch["attention_mask"].shape
    assert batch["input_ids"].shape[1] < batch["labels"].shape[1]
    for at, (ids, labels) in enumerate(prepared.rows):
        gap = batch["labels"].shape[1] - len(labels)
        assert batch["labels"][at].tolist() == labels + [-100] * gap
        mask = batch["attention_mask"][at].bool()
        assert batch["input_ids"][at][mask].tolist() == ids


def test_the_loss_is_that_of_the_target_after_the_decoders_start(
    t5_bench: Bench,
) -> None:
    prepared = train_on(t5_bench, [ROW, sum_row(2)])
    model = AutoModelForSeq2SeqLM.from_pretrained(t5_bench.base_model).eval()
    batch = DataCollatorForSeq2Seq(prepared.tokenizer)(list(prepared.train))
    with torch.no_grad():
        loss = model(**batch).loss
        apart = []
        for ids, labels in prepared.rows:
            decoder = torch.tensor([[model.config.pad_token_id, *labels[:-1]]])
            logits = model(input_ids=torch.tensor([ids]), decoder_input_ids=decoder)
            odds = logits.logits[0].log_softmax(-1)
            apart += [-odds[at, label].item() for at, label in enumerate(labels)]
    assert loss.item() == pytest.approx(sum(apart) / len(apart), rel=1e-4)


def test_every_level_is_asked_for_and_written(t5_bench: Bench) -> None:
    found = sources_and_targets(train_on(t5_bench, [ROW], {"level": "all"}))
    assert [target for _, target in found] == [
        f"Final answer: 11{END}",
        f"4 + 7. | Final answer: 11{END}",
        f"4 plus 7 makes 11. | Final answer: 11{END}",
        f"{TARGET}{END}",
    ]
    assert "short explanation" in found[1][0]


def test_a_template_of_ones_own_is_used(t5_bench: Bench) -> None:
    explain = {"template": "sum: {{ input }}", "order": "answer_first"}
    assert sources_and_targets(train_on(t5_bench, [ROW], explain)) == [
        (f"sum: 4 7{END}", f"Final answer: 11 | {LONG}{END}")
    ]


def test_a_marker_at_the_end_of_the_prompt_is_said_in_the_target_too(
    t5_bench: Bench,
) -> None:
    explain = {"template": "{{ input }} Final answer:", "level": "none"}
    ((_, target),) = sources_and_targets(train_on(t5_bench, [ROW], explain))
    assert target == f"Final answer: 11{END}"


def long_target(sentences: int) -> dict[str, Any]:
    return sum_row(1, explanations={"long": "Go up by 7. " * sentences})


def test_both_lengths_are_limited_and_what_is_dropped_is_counted(
    t5_bench: Bench, log: list[str]
) -> None:
    rows = [ROW, long_target(30), sum_row(2, input="7 " * 200)]
    prepared = train_on(t5_bench, rows, {"max_target_tokens": 60}, sequence_len=100)
    assert sources_and_targets(prepared) == [(SOURCE + END, TARGET + END)]
    (warning,) = [line for line in log if line.startswith("WARNING")]
    assert "1 dropped: longer than sequence_len" in warning
    assert "1 dropped: a target beyond max_target_tokens" in warning


def test_without_a_limit_of_its_own_the_target_has_that_of_the_source(
    t5_bench: Bench,
) -> None:
    fitter = strategy(t5_bench).fitter
    assert (fitter.join.sequence_len, fitter.join.max_target_tokens) == (256, 256)


def test_a_target_is_shortened_and_keeps_its_answer(
    t5_bench: Bench, log: list[str]
) -> None:
    explain = {"on_too_long": "shorten", "max_target_tokens": 60}
    prepared = train_on(t5_bench, [long_target(30)], explain)
    ((_, labels),) = prepared.rows
    text = prepared.tokenizer.decode(labels)
    assert text.endswith(f"Go up by 7. | Final answer: 11{END}")
    sentence = len(prepared.tokenizer("Go up by 7.")["input_ids"]) - 1
    assert 60 - sentence < len(labels) <= 60
    assert any("1 with a shortened explanation" in line for line in log)


@pytest.mark.parametrize("answer", ["x < 4", "a  b"])
def test_an_answer_that_could_never_be_matched_is_refused(
    t5_bench: Bench, answer: str
) -> None:
    message = refusal(train_on, t5_bench, [ROW, sum_row(2, answer=answer)])
    assert (
        f"rows.jsonl, row 2, answer: {answer!r} comes back from the tokenizer as"
        in (message)
    )


def test_characters_that_are_added_to_the_tokenizer_are_written(
    t5_bench: Bench,
) -> None:
    row = sum_row(1, answer="4 < 7")
    prepared = train_on(t5_bench, [row], tokens=["<"])
    ((_, labels),) = prepared.rows
    text = prepared.tokenizer.decode(labels, skip_special_tokens=True)
    assert text == f"{LONG} | Final answer: 4 < 7"


def test_explanations_with_unknown_characters_are_counted(
    t5_bench: Bench, log: list[str]
) -> None:
    rows = [ROW, sum_row(2, explanations={"long": "7 < 9."})]
    assert len(train_on(t5_bench, rows).rows) == 2
    (warning,) = [line for line in log if line.startswith("WARNING")]
    assert "1 with an explanation that has characters the tokenizer" in warning


def test_check_finds_explanations_with_unknown_characters(t5_bench: Bench) -> None:
    rows = [ROW, sum_row(2, explanations={"long": "7 < 9."})]
    datasets = [entry(t5_bench.rows(rows), "seq2seq")]
    found = check_recipe(str(t5_bench.write(datasets=datasets))).findings
    (one,) = [one for one in found if one.code == "unknown-characters"]
    assert (one.severity, one.rows, one.num_rows) == ("warning", (2,), 1)


def test_a_line_break_of_ones_own_is_used_and_one_that_is_lost_is_refused(
    t5_bench: Bench,
) -> None:
    ((_, target),) = sources_and_targets(
        train_on(t5_bench, [ROW], {"line_break": " . "})
    )
    assert target == f"{LONG} . Final answer: 11{END}"
    for lost in ("\n", " ", " < "):
        message = refusal(strategy, t5_bench, explain={"line_break": lost})
        assert message.startswith("explain.line_break: the tokenizer does not give")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("One. | Two. | Final answer: 4", "One.\nTwo.\nFinal answer: 4"),
        ("| Final answer: 4", "\nFinal answer: 4"),
        ("a | | b", "a\n\nb"),
        ("a|b", "a|b"),
        ("Final answer: 4 |", "Final answer: 4\n"),
    ],
)
def test_line_breaks_come_back(t5_bench: Bench, written: str, read: str) -> None:
    assert strategy(t5_bench).formatter.read(written) == read


def test_a_tokenizer_that_pads_on_the_left_is_refused(t5_bench: Bench) -> None:
    tokenizer = AutoTokenizer.from_pretrained(t5_bench.base_model)
    tokenizer.padding_side = "left"
    assert "set padding_side to right" in refusal(strategy, t5_bench, tokenizer)


def test_a_prompt_that_axolotl_would_leave_out_is_refused(
    bench: Bench, t5_bench: Bench
) -> None:
    bench.defaults = dict(t5_bench.defaults)
    message = refusal(
        train_on,
        bench,
        [ROW],
        {"template": "a{% set ignored = [instruction, input] %}"},
    )
    assert "row 1, instruction: its prompt is 1 token" in message


def test_two_processes_and_a_split_for_validation_give_the_same_rows(
    t5_bench: Bench,
) -> None:
    rows = [sum_row(index) for index in range(1_000)]
    one = train_on(t5_bench, rows)
    datasets = [entry(t5_bench.rows(rows), "seq2seq")]
    split = t5_bench.prepare(datasets=datasets, dataset_num_proc=2, val_set_size=100)
    both = [*ids_and_labels(split.train), *ids_and_labels(split.evaluation)]
    assert len(split.evaluation) == 100
    assert sorted(both) == sorted(one.rows)


def test_a_stream_gives_the_rows_of_a_table(t5_bench: Bench) -> None:
    rows = [ROW, sum_row(2), sum_row(3, explanations={"long": "Up. " * 300})]
    table = train_on(t5_bench, rows)
    datasets = [entry(t5_bench.rows(rows), "seq2seq")]
    stream = t5_bench.prepare(datasets=datasets, streaming=True, max_steps=1)
    assert [row["labels"] for row in stream.train] == [row for _, row in table.rows]


def test_sources_of_any_length_are_completed_as_they_would_be_alone(
    t5_bench: Bench,
) -> None:
    model = AutoModelForSeq2SeqLM.from_pretrained(t5_bench.base_model).eval()
    rows = [training_row(sum_row(at, input="7 " * at)) for at in (1, 9, 4)]
    prompts = strategy(t5_bench).formatter.prompts(rows)
    batches = generate_batches(model, prompts, Decoding([1], 8))
    found = {place: one for batch in batches for place, one in batch}
    assert sorted(found) == [0, 1, 2]
    for place, ids in enumerate(prompts):
        one = found[place]
        written = [model.config.decoder_start_token_id]
        while len(written) < 9 and (len(written) == 1 or written[-1] != 1):
            with torch.no_grad():
                logits = model(
                    input_ids=torch.tensor([ids]),
                    decoder_input_ids=torch.tensor([written]),
                ).logits
            written.append(int(logits[0, -1].argmax()))
        assert one.ids == [token for token in written[1:] if token != 1]


class Says:
    """A model that answers each source with the ids it was given for it."""

    device = torch.device("cpu")

    def __init__(self, model: Any, ids: list[int]) -> None:
        self.config, self.ids = model.config, ids

    def generate(self, input_ids: torch.Tensor, **_: Any) -> torch.Tensor:
        return torch.tensor([[0, *self.ids]] * len(input_ids))


def test_what_is_trained_is_judged_right_and_its_lines_come_back(
    t5_bench: Bench,
) -> None:
    asked = strategy(t5_bench)
    ((_, target),) = asked.formatter.encode([training_row(ROW)])
    model = AutoModelForSeq2SeqLM.from_pretrained(t5_bench.base_model)
    tokenizer = AutoTokenizer.from_pretrained(t5_bench.base_model)
    evaluator = Evaluator(Says(model, target.ids), tokenizer, asked)
    (one,) = evaluator.complete("long", [Example.from_row(ROW)])
    assert one.completion == f"{LONG}\nFinal answer: 11"
    assert (one.exact_match, one.truncated) == (True, False)


def test_a_row_without_an_explanation_may_fill_the_targets_room(
    t5_bench: Bench,
) -> None:
    asked = strategy(t5_bench, explain={"max_target_tokens": 77})
    evaluator = Evaluator(None, None, asked)
    bare = Example.from_row(sum_row(1, explanations={}))
    assert evaluator.token_budget("long", [bare]) == 77


def test_vllm_is_refused_for_encoder_decoder_models(t5_bench: Bench) -> None:
    recipe = t5_bench.recipe(datasets=[entry(t5_bench.rows([ROW]), "seq2seq")])
    assert "runs no encoder–decoder models" in refusal(
        load_for_evaluation, recipe, None, "vllm"
    )


def test_fused_kernels_stay_off_where_the_recipe_does_not_say(t5_bench: Bench) -> None:
    kernels = [key for key in CPU if key.endswith("_kernel")]
    cfg = t5_bench.cfg(
        datasets=[entry(t5_bench.rows([ROW]), "seq2seq")],
        adapter="lora",
        lora_r=8,
        lora_target_linear=True,
        **dict.fromkeys(kernels),
    )
    assert [cfg[key] for key in kernels] == [False] * 4


def test_multitask_has_a_source_for_each_task(t5_bench: Bench) -> None:
    prepared = train_on(t5_bench, [ROW], {"order": "multitask"})
    asked = "Add the two numbers. {} 4 7" + END
    assert sources_and_targets(prepared) == [
        (asked.format("Predict the answer."), f"Final answer: 11{END}"),
        (asked.format("Explain how to arrive at the answer."), LONG + END),
    ]
