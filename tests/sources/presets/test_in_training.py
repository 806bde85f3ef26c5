"""Presets in the real Axolotl: prepared, trained, mixed, and counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axolotl.common.datasets import load_datasets
from axolotl.integrations.base import PluginManager
from axolotl.train import train
from transformers import Trainer

from axolotl_explain.sources.presets import PRESETS
from tests.fixtures.bench import (
    ROOT,
    Bench,
    Prepared,
    entry,
    kept_log,
    refusal,
    sum_row,
)

pytestmark = pytest.mark.usefixtures("fresh_process")

ROWS = ROOT / "tests" / "sources" / "presets" / "rows"
MARKER = "Final answer: "
ANSWERS = {
    "gsm8k": ["11", "5000"],
    "aqua_rat": ["B", "C", "C"],
    "math_qa": ["B", "C"],
    "esnli": ["entailment", "neutral", "contradiction"],
    "cos_e": ["B", "A"],
    "ecqa": ["B"],
    "strategyqa": ["no", "yes"],
    "scienceqa": ["B", "A"],
    "qasc": ["B"],
    "cot_collection": ["no"],
    "open_orca": ["7", "yes"],
    "openthoughts": ["7", "print(1)"],
    "openr1_math": ["7", "4"],
    "s1k": ["7", "4"],
    "numina_math": ["7", "\\frac{3}{2}"],
    "distilling_step_by_step": ["post office"],
    "listops_lra": ["4", "2"],
}
"""Of the rows that are left to train on, at the level that the preset has."""


def preset_entry(preset: str, **explain: Any) -> dict[str, Any]:
    explain = {"preset": preset, "level_request": "never", **explain}
    return entry(str(ROWS / f"{preset}.jsonl"), explain=explain)


class Trained:
    """One training, with the rows that each step saw and what was logged."""

    def __init__(self, bench: Bench, entries: list[dict[str, Any]]) -> None:
        self.seen: list[list[int]] = []
        self.log: list[str] = []
        cfg = bench.cfg(
            datasets=entries, save_strategy="no", micro_batch_size=4, sequence_len=512
        )
        with pytest.MonkeyPatch.context() as patch, kept_log(self.log):
            patch.setattr(Trainer, "training_step", self._recorded())
            meta = load_datasets(cfg=cfg)
            _, self.tokenizer, self.trainer = train(cfg=cfg, dataset_meta=meta)

    def _recorded(self) -> Any:
        step = Trainer.training_step

        def training_step(trainer: Any, model: Any, inputs: Any, *rest: Any) -> Any:
            pairs = zip(inputs["input_ids"], inputs["attention_mask"], strict=True)
            self.seen += [ids[mask.bool()].tolist() for ids, mask in pairs]
            return step(trainer, model, inputs, *rest)

        return training_step

    @property
    def texts(self) -> list[str]:
        return [self.tokenizer.decode(ids) for ids in self.seen]


@pytest.fixture(scope="module")
def all_trained(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Trained:
    """Every preset in one recipe, all rows trained once."""
    PluginManager.get_instance().plugins.clear()
    bench = Bench(tmp_path_factory.mktemp("presets"), tiny_model)
    return Trained(bench, [preset_entry(preset) for preset in PRESETS])


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_prepared_and_trained(
    bench: Bench, all_trained: Trained, preset: str
) -> None:
    prepared: Prepared = bench.wrap(datasets=[preset_entry(preset)], sequence_len=512)
    targets = [target for _, target in prepared.texts]
    found = [target.rpartition(MARKER)[2] for target in targets]
    assert found == [f"{answer}<|im_end|>" for answer in ANSWERS[preset]]
    assert all(target.partition(MARKER)[0] for target in targets)
    for ids, _ in prepared.rows:
        assert ids in all_trained.seen


def test_all_presets_together_train_each_row_once(all_trained: Trained) -> None:
    total = sum(map(len, ANSWERS.values()))
    assert len(all_trained.seen) == total
    assert all_trained.trainer.state.global_step == -(-total // 4)


MIX = {
    "gsm8k": {"level": "none"},
    "esnli": {"level": "short", "order": "answer_first"},
    "aqua_rat": {"level": {"none": 1, "medium": 1}},
    "ecqa": {"level": "all"},
}


def test_four_presets_with_levels_and_orders_train_in_one_run(bench: Bench) -> None:
    entries = [preset_entry(preset, **keys) for preset, keys in MIX.items()]
    run = Trained(bench, entries)
    texts = run.texts
    assert len(texts) == 2 + 3 + 3 + 4
    nli = [text.partition("### Response:\n")[2] for text in texts if "Premise" in text]
    assert all(text.startswith(MARKER) and "\n" in text for text in nli)
    assert len(nli) == 3
    levels = [text for text in texts if "buy stamps" in text]
    assert len({text.partition("### Response:\n")[2] for text in levels}) == 4
    reports = {
        Path(line.split(":")[0]).stem: line for line in run.log if " -> " in line
    }
    assert "4 rows -> 2 to train on (none 2)" in reports["gsm8k"]
    assert "4 rows -> 3 to train on (short 3)" in reports["esnli"]
    assert "4 rows -> 3 to train on (" in reports["aqua_rat"]
    assert (
        "2 rows -> 4 to train on (none 1, short 1, medium 1, long 1)"
        in (reports["ecqa"])
    )
    dropped = [line.partition("dropped: ")[2] for line in run.log if "dropped" in line]
    assert dropped == [
        "bad rows (no #### 1, question is empty 1)",
        "bad rows (no gold label 1)",
        "bad rows (answer is none of the choices 1)",
        "bad rows (q_op5 is empty 1)",
    ]


def test_bad_rows_are_counted_while_streaming_too(bench: Bench, log: list[str]) -> None:
    prepared = bench.prepare(
        datasets=[preset_entry("gsm8k")], streaming=True, max_steps=1
    )
    assert len(list(prepared.train)) == 2
    assert "streamed so far: 2 dropped: bad rows (no #### 1" in log[-1]


def test_a_bad_row_stops_the_run_where_the_user_says_so(bench: Bench) -> None:
    datasets = [preset_entry("gsm8k", on_bad_row="error")]
    message = refusal(bench.wrap, datasets=datasets)
    assert "gsm8k.jsonl, row 3, answer: no #### in" in message


def test_a_row_that_cannot_be_written_is_skipped_by_its_reason(
    bench: Bench, log: list[str]
) -> None:
    rows = [sum_row(1), sum_row(2, answer="7\nor 8"), sum_row(3)]
    explain = {"order": "answer_first", "on_bad_row": "skip"}
    prepared = bench.wrap(datasets=[entry(bench.rows(rows), explain=explain)])
    assert len(prepared.rows) == 2
    assert "1 dropped: bad rows (answer has several lines, with order: " in log[-1]


def test_turns_that_a_chat_template_refuses_are_skipped_by_its_words(
    bench: Bench, log: list[str]
) -> None:
    hello = {"role": "assistant", "content": "Hello."}
    rows = [sum_row(1), sum_row(2, history=[hello]), sum_row(3)]
    prepared = bench.wrap(
        datasets=[entry(bench.rows(rows), "chat", explain={"on_bad_row": "skip"})],
        chat_template="gemma",
        special_tokens={"bos_token": "<|im_start|>"},
        tokens=["<end_of_turn>"],
    )
    assert len(prepared.rows) == 2
    assert "1 dropped: bad rows (the chat template refuses the turns (" in log[-1]


def test_bad_rows_are_counted_over_all_processes(bench: Bench, log: list[str]) -> None:
    rows = [sum_row(n, answer="" if n % 10 == 0 else "4") for n in range(1_200)]
    prepared = bench.wrap(
        datasets=[entry(bench.rows(rows), explain={"on_bad_row": "skip"})],
        dataset_num_proc=2,
    )
    assert len(prepared.rows) == 1_080
    assert "120 dropped: bad rows (answer is empty 120)" in log[-1]
