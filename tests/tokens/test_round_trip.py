"""An answer that the tokenizer changes is refused, with what comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tokenizers import Tokenizer, normalizers
from transformers import PreTrainedTokenizerFast

from axolotl_explain.core.errors import BadRow, ExplainError
from axolotl_explain.core.target import TargetFormat
from axolotl_explain.tokens.encoder import Encoder, decoded
from axolotl_explain.tokens.round_trip import RoundTrip

LOWER_MARKER = TargetFormat(marker="final answer: ")
STRIPPED = normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents()])


def changed(tokenizer: Any, normalizer: Any, **keys: Any) -> Any:
    """The same tokenizer with a normalizer before it."""
    raw = Tokenizer.from_str(json.dumps(json.loads(tokenizer._tokenizer.to_str())))
    raw.normalizer = normalizer
    return PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="<|end|>", **keys)


def round_trip(tokenizer: Any, layout: TargetFormat | None = None) -> RoundTrip:
    return RoundTrip(Encoder(tokenizer, special_tokens=True), layout or TargetFormat())


@pytest.mark.parametrize(
    ("normalizer", "answer", "back"),
    [
        (normalizers.Lowercase(), "Western", "western"),
        (normalizers.NFKC(), "10²", "102"),
        (normalizers.NFKC(), "ＡＢ", "AB"),
        (STRIPPED, "Opéra", "Opera"),
        (normalizers.Replace("  ", " "), "a  b", "a b"),
    ],
)
def test_an_answer_that_is_changed_is_refused(
    bpe_tokenizer: Any, normalizer: Any, answer: str, back: str
) -> None:
    trip = round_trip(changed(bpe_tokenizer, normalizer), LOWER_MARKER)
    trip.require("western")
    for _ in range(2):
        with pytest.raises(BadRow) as caught:
            trip.require(answer)
        assert f"{answer!r} comes back from the tokenizer as {back!r}" in str(
            caught.value
        )
        assert caught.value.reason == "answer is changed by the tokenizer"


def test_a_normal_form_alone_is_no_change(bpe_tokenizer: Any) -> None:
    for form in (normalizers.NFC(), normalizers.NFD()):
        trip = round_trip(changed(bpe_tokenizer, form))
        assert trip.lossless
        trip.require("Ope\u0301ra")
        trip.require("Op\u00e9ra")


def test_a_marker_that_is_changed_is_refused(bpe_tokenizer: Any) -> None:
    lower = changed(bpe_tokenizer, normalizers.Lowercase())
    with pytest.raises(ExplainError) as caught:
        round_trip(lower).require_marker()
    assert str(caught.value).startswith(
        "explain.answer_marker: 'Final answer: ' comes back from the tokenizer as "
        "'final answer: ',"
    )
    round_trip(lower, LOWER_MARKER).require_marker()


def test_spaces_that_decoding_would_take_away_are_kept(bpe_tokenizer: Any) -> None:
    keys = {
        "clean_up_tokenization_spaces": True,
        "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output": True,
    }
    tokenizer = changed(bpe_tokenizer, None, **keys)
    ids = tokenizer("x , y")["input_ids"]
    assert tokenizer.decode(ids) == "x, y"
    assert decoded(tokenizer, ids) == "x , y"
    assert round_trip(tokenizer).lossless
