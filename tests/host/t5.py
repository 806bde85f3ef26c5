"""A tiny random T5, and a tokenizer of the kind that T5 has, made on the spot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import (
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import PreTrainedTokenizerFast, T5Config, T5ForConditionalGeneration

from .bench import GENRES, sum_row

PAD, END, UNKNOWN = "<pad>", "</s>", "<unk>"


def unigram_tokenizer() -> Any:
    """Unigram pieces; line breaks and runs of spaces become one space; END at the end.

    As sentencepiece trains it for T5: the same normalisation of white space, the same
    mark for it; pad, end and unknown are the first three ids.
    """
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    trainer = trainers.UnigramTrainer(
        vocab_size=400,
        special_tokens=[PAD, END, UNKNOWN],
        unk_token=UNKNOWN,
        show_progress=False,
    )
    rows = [json.loads(line) for line in GENRES.read_text("utf-8").splitlines()]
    rows += [sum_row(index) for index in range(50)]
    texts = [f"{row['instruction']} {row.get('input', '')}" for row in rows]
    texts += [text for row in rows for text in row["explanations"].values()]
    texts += [f"Final answer: {row['answer']} | 0 1 2 3 4 5 6 7 8 9" for row in rows]
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {END}",
        pair=f"$A {END} $B {END}",
        special_tokens=[(END, tokenizer.token_to_id(END))],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=PAD, eos_token=END, unk_token=UNKNOWN
    )


def make_t5(folder: Path) -> Path:
    """Save a model and its tokenizer; what it says is told apart by large weights."""
    tokenizer = unigram_tokenizer()
    config = T5Config(
        vocab_size=len(tokenizer) + 8,
        # bitsandbytes quantizes in blocks of 64 inputs.
        d_model=64,
        d_kv=32,
        d_ff=64,
        num_layers=2,
        num_heads=2,
        dropout_rate=0.0,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        decoder_start_token_id=tokenizer.pad_token_id,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(42)
        T5ForConditionalGeneration(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
