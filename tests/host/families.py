"""Tiny random models of the architectures that recipes are for.

Each has a tokenizer of the kind that its real model has, with its special tokens.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import transformers
from axolotl.utils.chat_templates import get_chat_template
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
from transformers import AutoConfig, PreTrainedTokenizerFast

from .bench import GENRES
from .tokenizers import MISTRAL_FILES

WIDTHS: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "initializer_range": 0.1,
}
VISION: dict[str, Any] = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "image_size": 28,
    "patch_size": 14,
}
CHATML = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
LLAMA3 = (
    *("<|begin_of_text|>", "<|end_of_text|>", "<|finetune_right_pad_id|>"),
    *("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
)
PHI4_MINI = (
    "{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
    "{% endfor %}"
    "{{ '<|assistant|>' if add_generation_prompt else eos_token }}"
)
"""How Phi-4-mini writes a conversation: once answered, it ends in two tokens."""

SMOLLM2 = (
    "{% for message in messages %}"
    "{% if loop.first and message['role'] != 'system' %}"
    "{{ '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] }}"
    "{{ '<|im_end|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


@dataclass(frozen=True)
class Family:
    """An architecture, its tokenizer, and the recipes that train it.

    Attributes:
        lora, qlora: the recipe that each is tried with.
        config: arguments of the transformers config.
        pieces: how text is cut: byte-level, metaspace (sentencepiece) or a file.
        special: its special tokens.
        named: which of them is bos, eos, pad or unk.
        opens: whether the tokenizer puts bos in front of a text.
        template: a chat template, or the name of one of Axolotl's.
    """

    lora: str
    qlora: str
    model_type: str
    config: dict[str, Any] = field(default_factory=dict)
    pieces: str = "bytes"
    special: tuple[str, ...] = ()
    named: dict[str, str] = field(default_factory=dict)
    opens: bool = False
    template: str | None = None


FAMILIES = {
    "llama": Family(
        lora="llama/lora-1b",
        qlora="llama/qlora-8b",
        model_type="llama",
        config={**WIDTHS, "tie_word_embeddings": True},
        special=LLAMA3,
        named={"bos_token": LLAMA3[0], "eos_token": LLAMA3[1]},
        opens=True,
    ),
    "qwen3": Family(
        lora="qwen3/lora-8b",
        qlora="qwen3/qlora-8b",
        model_type="qwen3",
        config=WIDTHS,
        special=(*CHATML, "<think>", "</think>"),
        named={"eos_token": CHATML[1], "pad_token": CHATML[2]},
        template="qwen3",
    ),
    "gemma3": Family(
        lora="gemma3/qlora-4b",
        qlora="gemma3/qlora-4b",
        model_type="gemma3",
        config={
            "text_config": WIDTHS,
            "vision_config": VISION,
            "mm_tokens_per_image": 1,
        },
        pieces="metaspace",
        special=(
            *("<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"),
            *("<start_of_image>", "<end_of_image>", "<image_soft_token>"),
        ),
        named={
            **{"bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>"},
            "unk_token": "<unk>",
        },
        opens=True,
        template="gemma3",
    ),
    "mistral": Family(
        lora="mistral/qlora-7b",
        qlora="mistral/qlora-7b",
        model_type="mistral",
        config=WIDTHS,
        pieces="metaspace",
        special=("<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[control_768]"),
        named={"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"},
        opens=True,
    ),
    "mistral-tekken": Family(
        lora="mistral/qlora-24b",
        qlora="mistral/qlora-24b",
        model_type="mistral",
        config={**WIDTHS, "vocab_size": 131_072},
        pieces="tekken",
    ),
    "phi4": Family(
        lora="phi4/lora-3.8b",
        qlora="phi4/lora-3.8b",
        model_type="phi3",
        config={**WIDTHS, "tie_word_embeddings": True, "partial_rotary_factor": 0.75},
        special=("<|endoftext|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"),
        named=dict.fromkeys(("bos_token", "eos_token", "pad_token"), "<|endoftext|>"),
        template=PHI4_MINI,
    ),
    "smollm2": Family(
        lora="smollm/lora-1.7b",
        qlora="smollm/lora-1.7b",
        model_type="llama",
        config={**WIDTHS, "tie_word_embeddings": True},
        special=CHATML,
        named={"bos_token": CHATML[0], "eos_token": CHATML[1], "pad_token": CHATML[1]},
        template=SMOLLM2,
    ),
    "smollm3": Family(
        lora="smollm/lora-3b",
        qlora="smollm/lora-3b",
        model_type="smollm3",
        config={**WIDTHS, "tie_word_embeddings": True, "no_rope_layer_interval": 2},
        special=LLAMA3,
        named={"eos_token": LLAMA3[1]},
    ),
    "gpt2": Family(
        lora="gpt2/lora-124m",
        qlora="gpt2/lora-124m",
        model_type="gpt2",
        config={
            **{"n_embd": 64, "n_layer": 2, "n_head": 4, "n_positions": 1_024},
            "initializer_range": 0.1,
        },
        special=("<|endoftext|>",),
        named=dict.fromkeys(("bos_token", "eos_token", "unk_token"), "<|endoftext|>"),
    ),
}


def make_family(family: Family, folder: Path) -> None:
    """Write the model and its tokenizer, as a download would leave them."""
    folder.mkdir(parents=True)
    tokenizer = None if family.pieces == "tekken" else _tokenizer(family)
    keys = dict(family.config)
    if tokenizer is not None:
        tokenizer.save_pretrained(folder)
        sized = {"vocab_size": len(tokenizer), "pad_token_id": 0}
        if "text_config" in keys:
            keys["text_config"] = {**keys["text_config"], **sized}
        else:
            keys |= sized
    else:
        shutil.copy(MISTRAL_FILES["tekken"], folder / "tekken.json")
    config = AutoConfig.for_model(family.model_type, **keys)
    config.bos_token_id = config.eos_token_id = None
    maker = transformers.AutoModelForCausalLM
    if family.model_type == "gemma3":
        maker = transformers.AutoModelForImageTextToText
        _save_processor(tokenizer, folder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        maker.from_config(config).save_pretrained(folder)


def _tokenizer(family: Family) -> Any:
    raw = Tokenizer(models.BPE())
    alphabet: list[str] = []
    if family.pieces == "metaspace":
        raw.normalizer = normalizers.Replace(" ", "▁")
        raw.pre_tokenizer = pre_tokenizers.Split(Regex("▁?[^▁]+|▁+"), "isolated")
        raw.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.Fuse()])
    else:
        raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        raw.decoder = decoders.ByteLevel()
        alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=1_200,
        special_tokens=list(family.special),
        initial_alphabet=alphabet,
        show_progress=False,
    )
    raw.train_from_iterator(GENRES.read_text("utf-8").splitlines(), trainer)
    opening = family.named.get("bos_token")
    if family.opens:
        raw.post_processor = processors.TemplateProcessing(
            single=f"{opening} $A",
            special_tokens=[(opening, raw.token_to_id(opening))],
        )
    template = family.template
    if template and "{" not in template:
        template = get_chat_template(template)
    return PreTrainedTokenizerFast(
        tokenizer_object=raw,
        chat_template=template,
        clean_up_tokenization_spaces=False,
        **family.named,
    )


def _save_processor(tokenizer: Any, folder: Path) -> None:
    """What a model that reads pictures has beside its tokenizer."""
    settings = {
        "image_processor_type": "Gemma3ImageProcessor",
        "processor_class": "Gemma3Processor",
        "size": {"height": VISION["image_size"], "width": VISION["image_size"]},
    }
    path = folder / "preprocessor_config.json"
    path.write_text(json.dumps(settings), "utf-8")
    file = folder / "tokenizer_config.json"
    known = json.loads(file.read_text("utf-8"))
    known |= {
        "boi_token": "<start_of_image>",
        "eoi_token": "<end_of_image>",
        "image_token": "<image_soft_token>",
        "extra_special_tokens": {
            "boi_token": "<start_of_image>",
            "eoi_token": "<end_of_image>",
            "image_token": "<image_soft_token>",
        },
    }
    file.write_text(json.dumps(known), "utf-8")
