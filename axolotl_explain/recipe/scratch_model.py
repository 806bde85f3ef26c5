"""A base model and tokenizer made on the spot, from a config and a seed.

For learning, testing and comparing, without a download. In a recipe:

    base_model: outputs/scratch/tiny-llama
    scratch_model:                      # makes base_model where it does not exist yet
      config: {model_type: llama, hidden_size: 128, num_hidden_layers: 4}
      tokenizer_data: [examples/movie_genres/train.jsonl]
      vocab_size: 2000
      seed: 42
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.core.target import ANSWER_MARKER
from axolotl_explain.sources.tables import read_rows
from axolotl_explain.support.blocks import parse_block
from axolotl_explain.support.whole_output import whole_folder

MANIFEST = "scratch_model.json"
END, PAD = "<|im_end|>", "<|pad|>"
PIECES = r" ?\p{L}+| ?\p{N}%s| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
"""Words, digits and punctuation, each with the space in front of it."""
SPECIAL = (PAD, "<|im_start|>", END)
CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] }}"
    "{{ '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


class ScratchModel(BaseModel):
    """What determines a model made from scratch, to the bit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    config: dict[str, Any] = Field(
        description="arguments of the transformers config, with its model_type"
    )
    tokenizer_data: list[str] = Field(
        min_length=1, description="data files whose texts train the tokenizer"
    )
    vocab_size: int = Field(
        default=2_000, ge=300, description="at most; special tokens included"
    )
    split_digits: bool = Field(
        default=True,
        description="every digit is a token, as in Gemma; without, up to three digits "
        "can be one, as in Llama 3",
    )
    seed: int = Field(default=42, description="of the weights")

    @property
    def fingerprint(self) -> str:
        """Digest of the settings and of what is in the data files."""
        settings = json.dumps(
            self.model_dump(exclude={"tokenizer_data"}), sort_keys=True
        )
        digest = hashlib.sha256(settings.encode())
        for file in self.tokenizer_data:
            digest.update(Path(file).read_bytes())
        return digest.hexdigest()


def ensure_scratch_model(block: object, base_model: object) -> bool:
    """Make the model a recipe describes, unless its folder holds it already.

    Safe under several processes: the first to take the lock makes it, whole or not at
    all.

    Returns:
        Whether it was made just now.

    Raises:
        ExplainError: if the block is faulty, a data file is missing, or the folder
            holds something else.
    """
    if not isinstance(base_model, str):
        raise ExplainError(
            "base_model: names the folder of scratch_model; add it, such as "
            "base_model: outputs/scratch/tiny-llama."
        )
    spec = _parse(block)
    folder = Path(base_model)
    from filelock import FileLock

    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if folder.exists():
            _require_same(folder, spec)
            return False
        _make(spec, folder)
    return True


def _parse(block: object) -> ScratchModel:
    spec = parse_block(ScratchModel, block, "scratch_model")
    for file in spec.tokenizer_data:
        if not Path(file).is_file():
            raise ExplainError(
                f"scratch_model.tokenizer_data: there is no file {file}."
            )
    return spec


def _require_same(folder: Path, spec: ScratchModel) -> None:
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise ExplainError(
            f"base_model: {folder} exists and was not made by scratch_model; name "
            "another folder, or remove the block to use what is there."
        )
    if json.loads(manifest.read_text("utf-8"))["fingerprint"] != spec.fingerprint:
        raise ExplainError(
            f"base_model: {folder} was made with other settings or data; name another "
            "folder, or remove this one (adapters trained on it go with it)."
        )


def _make(spec: ScratchModel, folder: Path) -> None:
    tokenizer = _train_tokenizer(spec)
    model = _random_model(spec, tokenizer)
    with whole_folder(folder) as draft:
        model.save_pretrained(draft)
        tokenizer.save_pretrained(draft)
        manifest = {"fingerprint": spec.fingerprint, **spec.model_dump()}
        text = json.dumps(manifest, indent=2, sort_keys=True)
        (draft / MANIFEST).write_text(text + "\n", "utf-8")


def _random_model(spec: ScratchModel, tokenizer: Any) -> Any:
    import torch
    import transformers
    from huggingface_hub.errors import StrictDataclassError

    special = {
        "vocab_size": len(tokenizer),
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": None,
        "eos_token_id": tokenizer.eos_token_id,
    }
    maker = transformers.AutoModelForCausalLM
    try:
        config = transformers.AutoConfig.for_model(**{**spec.config, **special})
        if config.is_encoder_decoder:
            config.decoder_start_token_id = tokenizer.pad_token_id
            maker = transformers.AutoModelForSeq2SeqLM
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(spec.seed)
            return maker.from_config(config)
    except (TypeError, ValueError, StrictDataclassError) as error:
        raise ExplainError(
            f"scratch_model.config: transformers makes no model of it: "
            f"{quoted(str(error), limit=300)}; it needs the arguments of a config of "
            "transformers, such as {model_type: llama, hidden_size: 128}."
        ) from None


def _train_tokenizer(spec: ScratchModel) -> Any:
    """A byte-level BPE that merges nothing across words, numbers and punctuation."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    pieces = PIECES % ("" if spec.split_digits else "{1,3}")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pieces), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(  # type: ignore[no-untyped-call]
        vocab_size=spec.vocab_size,
        special_tokens=list(SPECIAL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    texts = (text for file in spec.tokenizer_data for text in _texts(file))
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=PAD,
        additional_special_tokens=list(SPECIAL[1:2]),
        chat_template=CHATML,
        clean_up_tokenization_spaces=False,
    )


def _texts(file: str) -> Iterator[str]:
    """Every text in a data file, nested ones too, and the marker of each answer."""
    for row in read_rows(file):
        yield from strings(row)
        yield ANSWER_MARKER


def strings(value: object) -> Iterator[str]:
    """All texts in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
