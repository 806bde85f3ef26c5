"""Tokens: ids that decode to the text, with kinds that stand where the text does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import mistral_common
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.target import Kind, Segment, TargetFormat
from axolotl_explain.tokens.encoder import (
    Encoded,
    Encoder,
    end_token,
)

MISTRAL = sorted((Path(mistral_common.__file__).parent / "data").glob("*token*"))
SENTENCES = [
    "The sheriff rides into town and the saloon falls silent.",
    "Name the genre of the film. Final answer: western",
]
ANSWER, SPACED = Segment("western", Kind.ANSWER), Segment(" western", Kind.ANSWER)
BYTE = re.compile("<0x([0-9A-F]{2})>")

texts = st.text(
    st.characters(codec="utf-8", exclude_characters="▁", exclude_categories=["Cc"])
    | st.just("\n"),
    max_size=30,
)
targets = st.lists(
    st.builds(Segment, texts.filter(bool), st.sampled_from(list(Kind))),
    min_size=1,
    max_size=4,
)


def metaspace(prepend_scheme: str) -> Any:
    """What sentencepiece makes: a space before a text, bytes for unknown characters."""
    import json

    from tokenizers import (
        Tokenizer,
        decoders,
        models,
        pre_tokenizers,
        processors,
        trainers,
    )
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    space = pre_tokenizers.Metaspace(prepend_scheme=prepend_scheme)
    tokenizer.pre_tokenizer = space
    trainer = trainers.BpeTrainer(
        vocab_size=150, special_tokens=["<unk>", "<s>", "</s>"], show_progress=False
    )
    tokenizer.train_from_iterator(SENTENCES * 3, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    vocab = model["vocab"]
    for byte in range(256):
        vocab[f"<0x{byte:02X}>"] = len(vocab)
    merges = [tuple(merge) for merge in model["merges"]]
    tokenizer = Tokenizer(
        models.BPE(vocab, merges, unk_token="<unk>", byte_fallback=True)
    )
    tokenizer.pre_tokenizer = space
    tokenizer.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", vocab["<s>"])]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        clean_up_tokenization_spaces=False,
    )


@pytest.fixture(
    scope="session", params=["bytes", "metaspace always", "metaspace first"]
)
def tokenizer(request: pytest.FixtureRequest, bpe_tokenizer: Any) -> Any:
    """A byte-level BPE and two that put a space before a text."""
    if request.param == "bytes":
        return bpe_tokenizer
    return metaspace(request.param.split()[1])


@pytest.fixture(scope="session", params=MISTRAL, ids=lambda file: file.name)
def mistral(request: pytest.FixtureRequest) -> Any:
    """Axolotl's wrapper around each tokenizer that mistral_common brings along."""
    from axolotl.utils.mistral import HFMistralTokenizer

    return HFMistralTokenizer.from_pretrained(str(request.param))


def num_bytes(token: str) -> int:
    """How many bytes of text a token stands for."""
    if BYTE.fullmatch(token):
        return 1
    if "▁" in token:
        return len(token.replace("▁", " ").encode())
    return len(token)


def kinds_by_bytes(tokenizer: Any, ids: list[int], target: list[Segment]) -> list[Kind]:
    """Of each token the kind of its first character that is no white space.

    Counted in bytes; where all its characters are white space, the first one counts.
    """
    of_byte = [
        (segment.kind, character.isspace())
        for segment in target
        for character in segment.text
        for _ in character.encode()
    ]
    begin, kinds = 0, []
    for token in tokenizer.convert_ids_to_tokens(ids):
        span = of_byte[begin : begin + num_bytes(token)]
        kinds.append(next((kind for kind, space in span if not space), span[0][0]))
        begin += num_bytes(token)
    assert begin == len(of_byte)
    return kinds


def join(target: list[Segment]) -> str:
    return "".join(segment.text for segment in target)


@given(texts, targets)
def test_ids_of_prompt_and_target_decode_to_their_text(
    tokenizer: Any, prompt: str, target: list[Segment]
) -> None:
    prompt = f"Q: {prompt}"
    # Text that is the name of a special token becomes that token, and is refused.
    text = prompt + join(target)
    assume(not any(name in text for name in tokenizer.all_special_tokens))
    encoder = Encoder(tokenizer, special_tokens=True)
    (before,), (after,) = encoder.prompts([prompt]), encoder.targets([target])
    decoded = tokenizer.decode(before + after.ids, skip_special_tokens=True)
    assert decoded == text


@given(targets)
def test_each_token_has_the_kind_of_its_first_letter(
    tokenizer: Any, target: list[Segment]
) -> None:
    (encoded,) = Encoder(tokenizer, special_tokens=False).targets([target])
    assert encoded.kinds.tolist() == kinds_by_bytes(tokenizer, encoded.ids, target)


@given(targets)
def test_segments_do_not_change_the_ids(tokenizer: Any, target: list[Segment]) -> None:
    encoder = Encoder(tokenizer, special_tokens=False)
    parts, whole = encoder.targets([target, [Segment(join(target), Kind.ANSWER)]])
    assert parts.ids == whole.ids


@given(st.lists(targets, max_size=4))
def test_a_batch_is_encoded_as_each_target_alone(
    tokenizer: Any, batch: list[list[Segment]]
) -> None:
    encoder = Encoder(tokenizer, special_tokens=False)
    together = [(one.ids, one.kinds.tolist()) for one in encoder.targets(batch)]
    alone = [encoder.targets([target])[0] for target in batch]
    assert together == [(one.ids, one.kinds.tolist()) for one in alone]
    assert encoder.target_sizes(batch) == [len(one.ids) for one in alone]


def test_no_target_begins_with_a_space_that_its_text_lacks(tokenizer: Any) -> None:
    encoder = Encoder(tokenizer, special_tokens=True)
    bare, spaced = encoder.targets([[ANSWER], [SPACED]])
    first, other = (
        tokenizer.convert_ids_to_tokens(one.ids)[0][0] for one in (bare, spaced)
    )
    assert first == "w"
    assert other in "▁Ġ"


def test_a_prompt_begins_with_the_special_token_only_where_asked() -> None:
    tokenizer = metaspace("first")
    start = tokenizer.bos_token_id
    (asked,) = Encoder(tokenizer, special_tokens=True).prompts(["Q"])
    (unasked,) = Encoder(tokenizer, special_tokens=False).prompts(["Q"])
    assert asked == [start, *unasked]
    assert start not in unasked


def test_a_prompt_loses_the_end_token_that_a_tokenizer_adds() -> None:
    from tokenizers import processors

    tokenizer = metaspace("first")
    end = tokenizer.eos_token_id
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", end)]
    )
    assert tokenizer("Name")["input_ids"][-1] == end
    (ids,) = Encoder(tokenizer, special_tokens=True).prompts(["Name"])
    assert end not in ids
    assert tokenizer.decode(ids) == "Name"


def test_mistral_ids_decode_to_the_text_and_have_its_kinds(mistral: Any) -> None:
    encoder = Encoder(mistral, special_tokens=True)
    target = [
        Segment("Le shérif, 好.", Kind.EXPLANATION),
        Segment("\nFinal answer: ", Kind.MARKER),
        Segment("western 好", Kind.ANSWER),
    ]
    prompt = "Name the genre.\n"
    (before,), (after,) = encoder.prompts([prompt]), encoder.targets([target])
    decoded = mistral.decode(before + after.ids, skip_special_tokens=True)
    assert decoded == prompt + join(target)
    for segment in target:
        ids = [
            id
            for id, kind in zip(after.ids, after.kinds, strict=True)
            if kind == segment.kind
        ]
        text = mistral.decode(ids, skip_special_tokens=True)
        assert text.strip() == segment.text.strip()


def test_all_tokens_of_a_character_are_of_its_kind(mistral: Any) -> None:
    target = [
        Segment("So.", Kind.EXPLANATION),
        Segment("\nFinal answer: ", Kind.MARKER),
        Segment("🤠𓀀", Kind.ANSWER),
    ]
    (encoded,) = Encoder(mistral, special_tokens=True).targets([target])
    answer = encoded.kinds.tolist().index(Kind.ANSWER)
    ids = encoded.ids[answer:]
    assert mistral.decode(ids, skip_special_tokens=True).strip() == "🤠𓀀"
    assert set(encoded.kinds[answer:]) == {Kind.ANSWER}


def test_mistral_prompts_begin_but_do_not_end(mistral: Any) -> None:
    (ids,) = Encoder(mistral, special_tokens=True).prompts(["Name the genre."])
    assert ids[0] == mistral.bos_token_id
    assert mistral.eos_token_id not in ids


def test_mistral_targets_get_no_space_that_their_text_lacks(mistral: Any) -> None:
    encoder = Encoder(mistral, special_tokens=True)
    prompts = encoder.prompts(["Final answer:\n"])
    bare, spaced = encoder.targets([[ANSWER], [SPACED]])
    sizes = [len(bare.ids), len(spaced.ids)]
    assert encoder.target_sizes([[ANSWER], [SPACED]]) == sizes
    for encoded, text in ((bare, "western"), (spaced, " western")):
        decoded = mistral.decode(prompts[0] + encoded.ids, skip_special_tokens=True)
        assert decoded == f"Final answer:\n{text}"


def test_no_texts_are_no_rows(bpe_tokenizer: Any) -> None:
    encoder = Encoder(bpe_tokenizer, special_tokens=True)
    assert encoder.prompts([]) == []
    assert encoder.targets([]) == []


def test_runs_of_tokens_join_with_their_kinds() -> None:
    joined = Encoded.uniform([1, 2], Kind.PROMPT) + Encoded.uniform([3], Kind.END)
    assert joined.ids == [1, 2, 3]
    assert joined.kinds.tolist() == [Kind.PROMPT, Kind.PROMPT, Kind.END]


def test_a_tokenizer_without_an_end_names_the_key_that_gives_one() -> None:
    from transformers import PreTrainedTokenizerFast

    endless = PreTrainedTokenizerFast(
        tokenizer_object=metaspace("first").backend_tokenizer
    )
    with pytest.raises(ExplainError, match=r"special_tokens: \{eos_token: …\}"):
        end_token(endless)


def test_nothing_of_a_target_is_taken_for_a_prompt(tokenizer: Any) -> None:
    target = TargetFormat().target("western", "A duel at noon.")
    (encoded,) = Encoder(tokenizer, special_tokens=False).targets([target])
    assert set(encoded.kinds) == {Kind.EXPLANATION, Kind.MARKER, Kind.ANSWER}
