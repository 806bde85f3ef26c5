"""One training step on fake tensors, and what torch's tracker sees at its peaks.

A step is counted once an optimizer has states and, with accumulation, gradients of
earlier micro batches are there: the state in which training spends its time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from accelerate.utils import convert_outputs_to_fp32
from bitsandbytes.optim import GlobalOptimManager
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.distributed._tools.mem_tracker import _MemRefType
from transformers import Trainer, TrainingArguments

from axolotl_explain.training.head_loss import HeadLoss
from benchmarks.fake_attention import gpu_attention
from benchmarks.fake_model import fake_tables, materialise, on_meta
from benchmarks.fake_shards import cards, shard
from benchmarks.fake_tracker import Phases

OPTIMIZER = "adamw_torch_fused"


@dataclass(frozen=True, slots=True)
class Tracked:
    """Bytes, by kind.

    Attributes:
        weights: of the model, with scales, tables and buffers; the adapter excluded.
        adapter: its weights.
        kept: what the forward pass left, as the gradient leaves the head.
        activations: the most there is beyond weights, gradients and optimizer while
            blocks go backward.
        logits: the most there is beyond `kept` from the head's call to its gradient.
        at_head: the most there is in all, from the head's call to its gradient.
        peak: the same while blocks go backward, or at the head.
        stepping: the same while the optimizer works.
    """

    weights: int
    adapter: int
    gradients: int
    optimizer: int
    kept: int
    activations: int
    logits: int
    at_head: int
    peak: int
    stepping: int


def track(
    recipe: Mapping[str, Any], config: Mapping[str, Any], gpus: int = 1
) -> Tracked:
    """What a step of a recipe holds on one of its cards, by kind."""
    model, tracker = on_meta(recipe, config), Phases()
    mode = FakeTensorMode(allow_non_fake_inputs=True)
    with (
        cards(gpus) as mesh,
        fake_tables(),
        gpu_attention(),
        torch.compiler.set_stance("force_eager"),
        mode,
        tracker,
    ):
        materialise(model)
        try:
            return _Step(model, recipe, tracker, mesh).measure()
        finally:
            GlobalOptimManager.get_instance().initialize()


class _Step:
    def __init__(
        self, model: Any, recipe: Mapping[str, Any], tracker: Phases, mesh: Any
    ) -> None:
        self.model, self.recipe, self.tracker = model.train(), recipe, tracker
        if recipe.get("adapter"):
            model.enable_input_require_grads()
        fsdp = recipe.get("fsdp_config") or {}
        if recipe.get("gradient_checkpointing") or fsdp.get("activation_checkpointing"):
            model.gradient_checkpointing_enable({"use_reentrant": False})
        if mesh is not None:
            shard(model, mesh)
        self.optimizer = optimizer(model, recipe)
        shape = recipe["micro_batch_size"], recipe["sequence_len"]
        self.ids = torch.zeros(shape, dtype=torch.long)
        self.moments: dict[str, int] = {}

    def measure(self) -> Tracked:
        """One micro batch and a step of the optimizer, after others."""
        tracker = self.tracker
        self._earlier()
        tracker.follow(self.model)
        before = tracker.kinds(self.model)
        lasting, held = tracker.now(), tracker.passing()
        tracker.since()
        self.micro_batch()
        peak, blocks = tracker.since()
        after = tracker.kinds(self.model)
        self.optimizer.step()
        stepping, _ = tracker.since()
        kept, logits = self.moments["kept"] - held, self.moments["passing"]
        adapter = _trained_bytes(self.model) if self.recipe.get("adapter") else 0
        states = before[_MemRefType.GRAD] + before[_MemRefType.OPT]
        return Tracked(
            weights=lasting - states - adapter,
            adapter=adapter,
            gradients=after[_MemRefType.GRAD],
            optimizer=before[_MemRefType.OPT],
            kept=kept,
            activations=blocks - held,
            logits=logits - held - kept,
            at_head=self.moments["total"],
            peak=max(self.moments["total"], peak),
            stepping=stepping,
        )

    def _earlier(self) -> None:
        """Leave what earlier steps and micro batches leave: states and gradients."""
        for one in self.model.parameters():
            if one.requires_grad:
                one.grad = torch.zeros_like(one)
        self.optimizer.step()
        if int(self.recipe.get("gradient_accumulation_steps") or 1) == 1:
            self.optimizer.zero_grad()

    def micro_batch(self) -> None:
        with self._at_head():
            self.loss().backward()

    def loss(self) -> Any:
        named = {"input_ids": self.ids}
        if self.model.config.is_encoder_decoder:
            named["decoder_input_ids"] = self.ids
        if "loss" not in (self.recipe.get("explain") or {}):
            return self.forward(**named, labels=self.ids).loss
        head = HeadLoss(self.model)
        head._proved = True
        rows, length = self.ids.shape
        every = (
            torch.zeros(rows * length, dtype=torch.long),
            torch.zeros(rows * length, dtype=torch.long),
        )
        with head.reading(self.ids, every) as read:
            return read(self.forward(**named), lambda: None).sum()

    def forward(self, **named: Any) -> Any:
        short = bool(self.recipe.get("bf16"))

        def run() -> Any:
            with torch.autocast("cpu", torch.bfloat16, enabled=short):
                return self.model(**named)

        return convert_outputs_to_fp32(run)() if short else run()

    @contextmanager
    def _at_head(self) -> Iterator[None]:
        """Note what is held as the head is called, and the peak until its gradient."""

        def called(_: Any, arguments: Any) -> None:
            self.tracker.since()
            arguments[0].register_hook(left)

        def left(_: Any) -> None:
            most = self.tracker.since()
            self.moments["total"], self.moments["passing"] = most
            self.moments["kept"] = self.tracker.passing()

        head = self.model.get_output_embeddings()
        handle = head.register_forward_pre_hook(called)
        yield
        handle.remove()


def optimizer(model: Any, recipe: Mapping[str, Any]) -> Any:
    """The recipe's optimizer as transformers' trainer makes it."""
    name = str(recipe.get("optimizer") or OPTIMIZER)
    asked = TrainingArguments(output_dir="unused", optim=name, use_cpu=True)
    made, named = Trainer.get_optimizer_cls_and_kwargs(asked)
    trained = [one for one in model.parameters() if one.requires_grad]
    found = made(trained, **named)
    if "bitsandbytes" in made.__module__ and getattr(made, "is_paged", True):
        _whole_tables(model)
    return found


def _whole_tables(model: Any) -> None:
    """Embeddings keep 32-bit states, as the trainer asks of bitsandbytes."""
    manager = GlobalOptimManager.get_instance()
    for module in model.modules():
        if isinstance(module, torch.nn.Embedding):
            manager.register_module_override(module, "weight", {"optim_bits": 32})


def _trained_bytes(model: Any) -> int:
    """On this card: of a weight that cards share, its share."""
    shares = (
        getattr(one, "_local_tensor", one)
        for one in model.parameters()
        if one.requires_grad
    )
    return sum(one.numel() * one.element_size() for one in shares)
