"""Recipes that Axolotl prepares as a whole."""

from __future__ import annotations

from tests.training.same_tokens.case import KINDS, SEQ2SEQ, Case, Entry

NEVER = {"level_request": "never"}
PREPARED = {
    **{
        f"prepared/{kind}": Case(
            (Entry("plain_answers" if kind == "seq2seq" else "mixed", kind),),
            tokenizer="t5" if kind == "seq2seq" else "bpe",
            explain={"level": "all"},
            keys=SEQ2SEQ if kind == "seq2seq" else {},
            way="prepare",
        )
        for kind in KINDS
    },
    "prepared/several datasets": Case(
        (
            Entry("sums", keys={"explain": {"level": "short"}}),
            Entry("sums", "chat", {"explain": {"order": "answer_first"}}),
            Entry("table.csv", keys={"explain": {"on_missing_level": "nearest"}}),
            Entry("alpaca", "alpaca"),
        ),
        explain=NEVER,
        way="prepare",
    ),
    "prepared/test datasets": Case(
        (Entry("many"),),
        tests=(Entry("sums"), Entry("sums", keys={"explain": {"coverage": 0.0}})),
        explain={**NEVER, "control": "mismatched", "coverage": 0.5},
        keys={"eval_sequence_len": 512},
        way="prepare",
    ),
    "prepared/packed": Case(
        (Entry("many"),), keys={"sample_packing": True}, way="prepare"
    ),
    "prepared/in shards": Case(
        (Entry("many", keys={"preprocess_shards": 3}),), way="prepare"
    ),
    "prepared/streamed": Case(
        (Entry("many"),),
        explain={"level": {"short": 1, "long": 1}, "coverage": 0.8},
        keys={"streaming": True, "max_steps": 4},
        way="prepare",
    ),
}
