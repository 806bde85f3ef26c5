"""The most that one block takes while it is computed and goes backward.

Beside what it keeps there are the gradients of what passes through it, which come and
go. They are counted as the rest is, without values: every storage is noted as it is
made and as it is let go.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from typing import Any


def most_alive(
    run: Callable[..., Any],
    arguments: tuple[Any, ...],
    named: Mapping[str, Any],
    weights: list[Any],
) -> int:
    """Bytes at the peak of a run and its way back, beyond what there was before.

    Args:
        run: the block.
        weights: its trained weights. Their gradients are counted elsewhere, so each is
            let go as soon as it is there.
    """
    import torch
    from torch.utils._pytree import tree_map

    given, own = tree_map(_alone, (arguments, dict(named)))
    handles = [
        one.register_post_accumulate_grad_hook(_let_go)
        for one in weights
        if one.requires_grad
    ]
    try:
        with _counter() as alive:
            output = run(*given, **own)
            first = output[0] if isinstance(output, tuple) else output
            if first.requires_grad:
                gradient = torch.zeros_like(first)
                first.backward(gradient)
            del output, first
    finally:
        for handle in handles:
            handle.remove()
    most: int = alive.most
    return most


def _alone(value: Any) -> Any:
    """A tensor without what it was made from; other values as they are."""
    import torch

    if not isinstance(value, torch.Tensor):
        return value
    return value.detach().requires_grad_(value.requires_grad)


def _let_go(weight: Any) -> None:
    weight.grad = None


def _counter() -> Any:
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves

    class Alive(TorchDispatchMode):  # type: ignore[no-untyped-call]
        """Counts storages that are made within it."""

        def __init__(self) -> None:
            super().__init__()  # type: ignore[no-untyped-call]
            self.most = self.now = 0
            self.seen: dict[int, Any] = {}

        def __torch_dispatch__(
            self, what: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            before = {
                one.untyped_storage()._cdata
                for one in tree_leaves((args, kwargs))
                if isinstance(one, torch.Tensor)
            }
            made = what(*args, **(kwargs or {}))
            for one in tree_leaves(made):
                if isinstance(one, torch.Tensor):
                    self._note(one.untyped_storage(), before)
            return made

        def _note(self, storage: Any, before: set[int]) -> None:
            key = storage._cdata
            if key in before or key in self.seen:
                return
            self.seen[key] = weakref.finalize(
                storage, self._gone, key, storage.nbytes()
            )
            self.now += storage.nbytes()
            self.most = max(self.most, self.now)

        def _gone(self, key: int, size: int) -> None:
            self.seen.pop(key, None)
            self.now -= size

    return Alive()
