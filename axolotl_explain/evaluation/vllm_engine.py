"""Completions by vLLM, an engine for large models, where it is installed.

The same prompt ids go in, and the same rule cuts what comes out, so that the metrics
mean the same as with transformers. An adapter is applied as it is, without merging.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.evaluation.decoding import Decoding, Generated, GeneratedBatch

INSTALL = "pip install vllm"
CHUNK = 1_024
"""Prompts handed over at once. vLLM makes its own batches of them; what a chunk gave
is kept before the next one starts."""


@dataclass(frozen=True, slots=True)
class VllmModel:
    """A model that vLLM has loaded, and the adapter to ask it with, if any."""

    llm: Any
    lora_request: Any = None


def require_vllm() -> None:
    """Fail before anything is loaded where vLLM is missing.

    Raises:
        ExplainError: with the command that installs it.
    """
    try:
        import vllm  # noqa: F401
    except ImportError:
        raise ExplainError(
            f"--engine vllm: vLLM is not installed here; {INSTALL} (it brings its own "
            "torch, so into an environment of its own with this package), or use "
            "--engine transformers."
        ) from None


def load_vllm(cfg: Any) -> VllmModel:
    """Load the model of a configuration, as `training.load.load_config` gives it.

    Raises:
        ExplainError: if vLLM is not installed.
    """
    require_vllm()
    from vllm import LLM
    from vllm.lora.request import LoRARequest

    adapter = cfg.lora_model_dir
    options: dict[str, Any] = {
        "model": cfg.base_model,
        "tokenizer": cfg.tokenizer_config or cfg.base_model,
        "revision": cfg.revision_of_model,
        "dtype": str(cfg.torch_dtype).removeprefix("torch."),
        "trust_remote_code": bool(cfg.trust_remote_code),
        "seed": 0,
    }
    if cfg.load_in_4bit:
        options["quantization"] = "bitsandbytes"
    if not adapter:
        return VllmModel(LLM(**options))
    config = json.loads((Path(adapter) / "adapter_config.json").read_text("utf-8"))
    llm = LLM(**options, enable_lora=True, max_lora_rank=lora_rank(config["r"]))
    return VllmModel(llm, LoRARequest("adapter", 1, str(Path(adapter).resolve())))


def lora_rank(rank: int) -> int:
    """The smallest rank that vLLM allows for adapters of this one.

    >>> lora_rank(12)
    16
    """
    return next((most for most in (8, 16, 32, 64, 128, 256) if most >= rank), rank)


def vllm_batches(
    model: VllmModel,
    prompts: Sequence[list[int]],
    decoding: Decoding,
    done: Collection[int] = (),
) -> Iterator[GeneratedBatch]:
    """Complete the prompts that are not done; see `decoding.Engine`."""
    from vllm import SamplingParams

    drawn = decoding.sampling

    def params(place: int) -> Any:
        return SamplingParams(
            temperature=drawn.temperature if drawn else 0.0,
            top_p=drawn.top_p if drawn else 1.0,
            seed=drawn.seed_of(place) if drawn else None,
            max_tokens=decoding.max_new_tokens,
            stop_token_ids=list(decoding.stop_ids),
            # Only the stop ids of the recipe end a completion, as with transformers.
            ignore_eos=True,
            detokenize=False,
        )

    open_places = [at for at in range(len(prompts)) if at not in set(done)]
    for start in range(0, len(open_places), CHUNK):
        chosen = open_places[start : start + CHUNK]
        outputs = model.llm.generate(
            [{"prompt_token_ids": prompts[at]} for at in chosen],
            [params(at) for at in chosen],
            lora_request=model.lora_request,
            use_tqdm=False,
        )
        yield [
            (at, _generated(one.outputs[0], decoding))
            for at, one in zip(chosen, outputs, strict=True)
        ]


def _generated(output: Any, decoding: Decoding) -> Generated:
    ids = decoding.cut(output.token_ids).ids
    return Generated(ids, truncated=output.finish_reason == "length")
