"""The loss of each token that counts, without the logits of all others in memory.

The model runs as it is, but for its head (what makes logits of hidden states): in its
place stands one that takes the hidden states of those tokens alone, makes the logits of
a chunk of them at a time under a checkpoint, and keeps their losses. So the head may be
anything that can be called: tied to the embeddings, in 8 bits, or with an adapter.

Some models change logits behind their head. What they do is known from their
configuration, and held against what they make of a row of test numbers; where the two
differ, or where a model calls its head in another way, full logits are used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from axolotl.utils.logging import get_logger
from torch.nn.functional import log_softmax, nll_loss
from torch.utils.checkpoint import checkpoint

LOG = get_logger("axolotl.explain")
CHUNK = 2**25
"""Logits of a chunk, as numbers: 128 MB in float32, some of which are alive at once."""
TEST_RANGE = 40.0
Tensor = torch.Tensor
Reading = Callable[[Any, Callable[[], Any]], Tensor]
"""What the model gave back, and a way to run it again -> the negative log-likelihoods
in nats of the tokens that are read, float32, in their order."""


class HeadLoss:
    """The losses of single tokens of a model.

    Attributes:
        chunked: whether the head is called in chunks; False once a model was found to
            need its full logits.
    """

    def __init__(self, model: Any, chunk: int = CHUNK) -> None:
        """
        Args:
            model: the model itself, without the wrappers of processes; adapters may
                stand in it.
            chunk: how many logits may be made at once, as numbers.
        """
        self.head = model.get_output_embeddings()
        self.change = change_of_logits(model.config)
        self.chunk = chunk
        self.chunked = self.head is not None
        self._proved = False

    @contextmanager
    def reading(self, labels: Tensor, reads: Tensor) -> Iterator[Reading]:
        """While it is open, the model may run once on a batch, without labels.

        Args:
            labels: (rows, tokens), each standing where it is predicted.
            reads: (rows, tokens), True where a loss is wanted.
        """
        if not self.chunked:
            yield partial(_from_logits, labels, reads)
            return
        stand_in = _StandIn(self.head, self.change, labels, reads, self.chunk)
        with stand_in.in_place():
            yield partial(self._losses, stand_in)

    def _losses(
        self, stand_in: _StandIn, outputs: Any, again: Callable[[], Any]
    ) -> Tensor:
        why = stand_in.fault(outputs, self._proved)
        if not why:
            self._proved = True
            return stand_in.losses(outputs)
        LOG.warning(
            f"explain.loss: the full logits of each batch are kept in memory, since "
            f"{why}"
        )
        self.chunked = False
        stand_in.step_back()
        return _from_logits(stand_in.labels, stand_in.reads, again())


class _StandIn:
    """What is called in place of a head, once."""

    def __init__(
        self,
        head: Any,
        change: Callable[[Tensor], Tensor],
        labels: Tensor,
        reads: Tensor,
        chunk: int,
    ) -> None:
        self.head = head
        self.original = head.forward
        self.replaced = "forward" in vars(head)
        self.change = change
        self.labels = labels
        self.reads = reads
        self.chunk = chunk
        self.calls = 0
        self.found: Tensor | None = None
        self.test: Tensor | None = None

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Stand in for the head until the model has run."""
        self.head.forward = self.forward
        try:
            yield
        finally:
            self.step_back()

    def step_back(self) -> None:
        """Leave the place to the head; does nothing the second time."""
        if self.replaced:
            self.head.forward = self.original
        else:
            vars(self.head).pop("forward", None)

    @torch.compiler.disable  # type: ignore[untyped-decorator]
    def forward(self, hidden: Tensor) -> Tensor:
        """Called by the model with hidden states (rows, tokens, width).

        Returns:
            Test numbers in place of logits, (1, 1, vocabulary), through which the
            gradient of the losses may pass.
        """
        self.calls += 1
        if hidden.shape[:2] != self.labels.shape:
            logits: Tensor = self.original(hidden)
            return logits
        states, labels = hidden[self.reads], self.labels[self.reads]
        vocabulary = self.vocabulary
        size = max(1, self.chunk // vocabulary)
        if len(states) <= size:
            found = [self._chunk(states, labels)]
        else:
            parts = zip(
                torch.split(states, size), torch.split(labels, size), strict=True
            )
            found = [
                checkpoint(self._chunk, *part, use_reentrant=False) for part in parts
            ]
        self.found = torch.cat(found)
        self.test = torch.linspace(
            -TEST_RANGE, TEST_RANGE, vocabulary, device=hidden.device
        )
        return (self.test + 0 * self.found.sum())[None, None]

    @property
    def vocabulary(self) -> int:
        """How many logits the head makes of a hidden state."""
        features = getattr(self.head, "out_features", None)
        return int(features or next(self.head.parameters()).shape[0])

    def fault(self, outputs: Any, proved: bool) -> str:
        """Why the losses may not be used; empty where they may.

        Args:
            proved: whether the model is known to change logits as it should.
        """
        if self.calls != 1 or self.found is None or self.test is None:
            return "the model does not make its logits in one call of its head"
        if proved:
            return ""
        given = outputs.logits.detach().float().flatten()
        wanted = self.change(self.test)
        same = given.shape == wanted.shape and torch.allclose(
            given, wanted, rtol=1e-2, atol=1e-3
        )
        return "" if same else "the model changes logits in a way that is not known"

    def losses(self, outputs: Any) -> Tensor:
        """The losses, tied to what the model gave back.

        Wrappers of several processes begin their backward pass with its gradient.
        """
        assert self.found is not None
        tied: Tensor = self.found + 0 * outputs.logits.sum()
        return tied

    def _chunk(self, states: Tensor, labels: Tensor) -> Tensor:
        return _losses(self.change(self.original(states).float()), labels)


def _from_logits(
    labels: Tensor, reads: Tensor, outputs: Any, again: Callable[[], Any] | None = None
) -> Tensor:
    return _losses(outputs.logits[reads], labels[reads])


def _losses(logits: Tensor, labels: Tensor) -> Tensor:
    """Negative log-likelihoods in nats, float32, of labels (tokens) by logits
    (tokens, vocabulary).

    As `cross_entropy` has it, whose name kernels of other projects take.
    """
    return nll_loss(log_softmax(logits.float(), dim=-1), labels, reduction="none")


def change_of_logits(config: Any) -> Callable[[Tensor], Tensor]:
    """What models do to the logits behind their head, by their configuration.

    Granite divides them by `logits_scaling`, Cohere multiplies them by `logit_scale`,
    Gemma caps them smoothly at `final_logit_softcapping`.
    """
    text = config.get_text_config() if hasattr(config, "get_text_config") else config

    def value(name: str) -> float | None:
        found = getattr(text, name, None)
        return found if isinstance(found, float | int) and found else None

    divisor, factor = value("logits_scaling"), value("logit_scale")
    cap = value("final_logit_softcapping")

    def change(logits: Tensor) -> Tensor:
        if divisor:
            logits = logits / divisor
        if factor:
            logits = logits * factor
        return torch.tanh(logits / cap) * cap if cap else logits

    return change
