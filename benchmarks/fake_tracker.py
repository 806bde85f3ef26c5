"""Torch's tracker of memory, asked for peaks of phases and for nothing of modules."""

from __future__ import annotations

from typing import Any

import torch
from torch.distributed._tools.mem_tracker import MemTracker, _MemRefType


class Phases(MemTracker):  # type: ignore[misc]
    """A tracker that tells the peak since it was last asked, and nothing of modules.

    What the tracker notes of each module at each operation takes hours for a large one.
    """

    def __init__(self) -> None:
        super().__init__()
        self._most = 0, 0
        self._mod_tracker = _NoModules()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        if func is torch.ops.prim.device.default:
            return func(*args)
        return super().__torch_dispatch__(func, types, args, kwargs)

    def now(self) -> int:
        """Bytes that are held now."""
        return sum(one["Total"] for one in self._curr_mem_snap.values())

    def kinds(self, model: Any) -> dict[Any, int]:
        """Bytes that are held now, by kind."""
        self.mark(model)
        found: dict[Any, int] = dict.fromkeys(_MemRefType, 0)
        for one in self.get_tracker_snapshot().values():
            for kind in _MemRefType:
                found[kind] += one[kind]
        return found

    def mark(self, model: Any) -> None:
        """Tell the tracker what are weights, buffers and gradients."""
        mark = self._update_and_maybe_create_winfos
        for one in model.buffers():
            mark(one, _MemRefType.BUFFER)
        for one in model.parameters():
            mark(one, _MemRefType.PARAM)
            if one.grad is not None:
                mark(one.grad, _MemRefType.GRAD)

    def follow(self, model: Any) -> None:
        """Mark gradients as they come, too."""
        mark = self._update_and_maybe_create_winfos
        for one in model.parameters():
            if one.requires_grad:
                one.register_hook(lambda grad: mark(grad, _MemRefType.GRAD) and None)
                one.register_post_accumulate_grad_hook(
                    lambda one: mark(one.grad, _MemRefType.GRAD) and None
                )

    def since(self) -> tuple[int, int]:
        """The most that was held since the last call: at all, and of what passes."""
        found = self._most
        self._most = (0, 0)
        return found

    def passing(self) -> int:
        """Bytes of activations and their gradients, and of what else is soon gone."""
        kinds = (_MemRefType.ACT, _MemRefType.TEMP)
        return sum(one[kind] for one in self._curr_mem_snap.values() for kind in kinds)

    def _update_peak_stats(self, peak_state: Any) -> None:
        most = self._most
        self._most = max(most[0], self.now()), max(most[1], self.passing())


class _NoModules:
    """In place of what follows the calls of modules."""

    is_bw = False

    def register_user_hooks(self, *_: Any) -> None:
        """Nothing is called."""

    def clear_user_hooks(self) -> None:
        """There are none."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: Any) -> None:
        pass
