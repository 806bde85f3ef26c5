"""Axolotl's trainer with an exact loss: a weighted mean over all tokens of a step.

Axolotl 0.19 takes the mean of each micro-batch on each device and then the mean of
those, so that a token of a short target counts more the shorter its neighbours are.
Here the sum of weights is taken over all micro-batches and devices before the first of
them is run, and every token counts once, however the batch is cut.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import torch
from axolotl.core.trainers.base import AxolotlTrainer
from axolotl.integrations.base import PluginManager
from axolotl.utils.logging import get_logger
from datasets import IterableDataset

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.loss_weights import EQUAL, LossKind, LossWeights, by_kind
from axolotl_explain.core.loss_words import in_words
from axolotl_explain.recipe.loss_options import LossOptions, refuse_unread_weights
from axolotl_explain.tokens.encoder import IGNORE_INDEX
from axolotl_explain.tokens.join import KINDS
from axolotl_explain.training.head_loss import HeadLoss
from axolotl_explain.training.kinds_collator import KindsCollator
from axolotl_explain.training.loss_by_kind import LossByKind, count_tokens, sum_type

LOG = get_logger("axolotl.explain")
Tensor = torch.Tensor


class _MicroBatch(NamedTuple):
    """The tokens that the loss reads, and how it gets at their losses.

    Attributes:
        losses: what the model gave back -> the loss of each token.
        weights, kinds: (tokens).
    """

    losses: Callable[[Any], Tensor]
    weights: Tensor
    kinds: Tensor


class LossTrainer(AxolotlTrainer):  # type: ignore[misc]
    """Computes sum(w * l) / sum(w) over an optimizer step.

    Attributes:
        weights: of each kind of token, at every moment of the training.
        tokens: of each kind, over the training rows; None in a stream.
        logged: the kinds whose weight stands in the log.
    """

    def __init__(self, *args: Any, **keys: Any) -> None:
        super().__init__(*args, **keys)
        if self.args.n_gpu > 1:
            raise ExplainError(
                "explain.loss: several devices in one process cannot share one loss; "
                "start the training with accelerate launch, which runs a process for "
                "each."
            )
        self.args.average_tokens_across_devices = True
        self.shifts = not self.model.config.is_encoder_decoder
        for name in ("data_collator", "train_data_collator", "eval_data_collator"):
            collate = getattr(self, name)
            if collate is not None:
                setattr(self, name, KindsCollator(collate, self.shifts))
        self.weights = LossWeights(EQUAL)
        self.tokens: dict[LossKind, int] | None = None
        self.logged: set[str] = set()
        self._now = self.weights.at(0.0)
        self._trained = LossByKind()
        self._evaluated: LossByKind | None = None
        self._head: HeadLoss | None = None
        self.compute_loss_func = _not_before_a_batch

    def weigh(self, options: LossOptions, trains_prompts: bool) -> None:
        """Take the weights of a recipe, and say what they are.

        Raises:
            ExplainError: for a weight of a kind of which the rows have no token, or a
                share that no weight can give.
        """
        if isinstance(self.train_dataset, IterableDataset):
            self.weights = options.resolve({}, trains_prompts)
        else:
            self.tokens = count_tokens(self.train_dataset, self.shifts)
            refuse_unread_weights(options, self.tokens)
            self.weights = options.resolve(self.tokens, trains_prompts)
        self.logged = {str(kind) for kind in options.named}
        self._now = self.weights.at(0.0)
        LOG.info(f"explain.loss: {in_words(self.weights, self.tokens)}")

    def _set_signature_columns_if_needed(self) -> None:
        super()._set_signature_columns_if_needed()
        if self._signature_columns and KINDS not in self._signature_columns:
            self._signature_columns.append(KINDS)

    def _get_num_items_in_batch(
        self, batch_samples: list[Any], device: torch.device
    ) -> Tensor | None:
        """The sum of weights over all micro-batches and devices of a step."""
        if not batch_samples:
            return None
        if self._evaluated is None:
            progress = self.state.global_step / max(self.state.max_steps, 1)
            self._now = self.weights.at(progress)
        total = sum(self._weights_of(batch[KINDS]).sum() for batch in batch_samples)
        assert isinstance(total, Tensor)
        if self.args.world_size > 1:
            total = self.accelerator.gather(total.to(device)).sum()
        return total.to(device)

    def _weights_of(self, kinds: Tensor) -> Tensor:
        """The weight of each token (rows, tokens), 0 for padding."""
        now = self._now if self._evaluated is None else self.weights.start
        table = torch.tensor(
            by_kind(now), dtype=sum_type(kinds.device), device=kinds.device
        )
        return table[kinds.clamp(min=0).long()] * (kinds >= 0)

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | None = None,
    ) -> Any:
        """The part of the step's loss that a micro-batch has."""
        kinds, labels = inputs.pop(KINDS), inputs["labels"]
        weights = self._weights_of(kinds)
        inputs["labels"] = torch.where(weights > 0, labels, IGNORE_INDEX)
        if self.shifts:
            labels, weights, kinds = map(_shifted, (labels, weights, kinds))
        else:
            inputs["decoder_input_ids"] = self._decoder_inputs(model, labels)
        if self._head is None:
            self._head = HeadLoss(self.accelerator.unwrap_model(model))
        reads = weights > 0
        with self._head.reading(labels, reads) as reading:
            batch = _MicroBatch(
                losses=lambda outputs: reading(outputs, lambda: model(**inputs)),
                weights=weights[reads].float(),
                kinds=kinds[reads],
            )
            self.compute_loss_func = partial(self._loss, batch)
            return super().compute_loss(
                model, inputs, return_outputs, num_items_in_batch
            )

    def _decoder_inputs(self, model: Any, labels: Tensor) -> Tensor:
        inner = self.accelerator.unwrap_model(model)
        made: Tensor = inner.prepare_decoder_input_ids_from_labels(labels=labels)
        return made

    def _loss(
        self,
        batch: _MicroBatch,
        outputs: Any,
        _: Any,
        num_items_in_batch: Tensor,
    ) -> Tensor:
        losses = batch.losses(outputs)
        by_kind = self._trained if self._evaluated is None else self._evaluated
        by_kind.add(losses, batch.weights, batch.kinds)
        total = num_items_in_batch.clamp(min=torch.finfo(torch.float32).tiny)
        wide = sum_type(losses.device)
        loss = ((losses * batch.weights).sum(dtype=wide) / total).float()
        return loss + self._balance(outputs)

    def _balance(self, outputs: Any) -> Tensor | float:
        """The loss by which a mixture keeps its experts busy, as Axolotl adds it: the
        mean over micro-batches and devices."""
        balance = getattr(outputs, "aux_loss", None)
        if balance is None or self._evaluated is not None:
            return 0.0
        config = self.model.config.get_text_config()
        cut = self.current_gradient_accumulation_steps * self.accelerator.num_processes
        factor: float = getattr(config, "router_aux_loss_coef", 0.0) / cut
        added: Tensor = factor * balance
        return added

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Add the loss of each kind, and the weights that the recipe says."""
        figures = self._trained.report(self._gather) if "loss" in logs else None
        if figures is not None:
            logs.update(figures.by_kind)
            now = {f"weight_{kind}": weight for kind, weight in self._now.items()}
            logs.update({k: now[k] for k in now if k[len("weight_") :] in self.logged})
        super().log(logs, start_time)

    def evaluation_loop(
        self, *args: Any, metric_key_prefix: str = "eval", **keys: Any
    ) -> Any:
        """Evaluate by the weights that training began with, over all tokens at once."""
        self._evaluated = LossByKind()
        try:
            output = super().evaluation_loop(
                *args, metric_key_prefix=metric_key_prefix, **keys
            )
            figures = self._evaluated.report(self._gather)
        finally:
            self._evaluated = None
        if figures is not None:
            output.metrics[f"{metric_key_prefix}_loss"] = figures.mean
            for name, value in figures.by_kind.items():
                output.metrics[f"{metric_key_prefix}_{name}"] = value
        return output

    def _gather(self, sums: Tensor) -> Tensor:
        gathered: Tensor = self.accelerator.gather(sums)
        return gathered


def _shifted(tokens: Tensor) -> Tensor:
    """What stands one token further on, (rows, tokens); the last predicts nothing."""
    last = -1 if not tokens.is_floating_point() else 0
    return torch.nn.functional.pad(tokens[:, 1:], (0, 1), value=last)


def _not_before_a_batch(*_: Any, **__: Any) -> Tensor:
    raise AssertionError("the loss is made for each batch")


def refuse_other_trainers(ours: Any, cfg: Any) -> None:
    """Refuse another plugin that trains by itself; Axolotl takes the first it finds.

    Raises:
        ExplainError: naming the plugin.
    """
    for name, plugin in PluginManager.get_instance().plugins.items():
        if plugin is not ours and plugin.get_trainer_cls(cfg) is not None:
            raise ExplainError(
                f"plugins: {name} has a trainer of its own, and so has explain.loss; "
                "remove one of the two."
            )
