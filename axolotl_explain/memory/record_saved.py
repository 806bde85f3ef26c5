"""Note the tensors that autograd keeps, and in which block of a model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from axolotl_explain.memory.block_backward import most_alive
from axolotl_explain.memory.saved_tensors import ALONE, WITHOUT_VALUES, Kept, blocks

RUNS = 2
"""Blocks of one kind that are really run. The first may keep what all share, such as
the positions; those after the second keep what the second keeps."""


class Tape:
    """Counts the bytes of each storage once, where it is first kept."""

    def __init__(
        self,
        counted: Collection[tuple[int, str]] = (),
        runs: int | None = RUNS,
        holding: Collection[int] = (),
    ) -> None:
        """Start empty.

        Args:
            counted: weights, by `id` of their module and name, that count where they
                are kept; all others are counted elsewhere.
            runs: blocks of one kind that are run; None for all.
            holding: `id` of modules that hold what enters them by themselves.
        """
        self._holding = holding
        self._held: dict[int, int] = {}
        self._counted = counted
        self._runs = runs
        self._own: set[int] = set()
        self._placed: set[int] = set()
        self._kept: dict[int, Any] = {}
        self._total = 0
        self._inside = False
        self._head: int | None = None
        self._found = Kept()
        self._known: dict[Hashable, list[tuple[int, int, int, Any]]] = defaultdict(list)

    def found(self) -> Kept:
        """What was noted."""
        before = self._total if self._head is None else self._head
        self._found.rest = max(0, before - sum(self._found.blocks))
        return self._found

    @contextmanager
    def listening(self, model: Any) -> Iterator[None]:
        """Note what is kept while a model of the meta device runs."""
        import torch

        inside = {id(part) for block in blocks(model) for part in block.modules()}
        with ExitStack() as stack:
            self._place(part for part in model.modules() if id(part) not in inside)
            for block in blocks(model):
                self._watch(block)
                stack.callback(delattr, block, "forward")
            for module in model.modules():
                if id(module) in self._holding:
                    handle = module.register_forward_pre_hook(self._hold)
                    stack.callback(handle.remove)
            head = model.get_output_embeddings()
            if head is not None:
                stack.callback(head.register_forward_pre_hook(self._at_head).remove)
            stack.enter_context(
                torch.autograd.graph.saved_tensors_hooks(self._keep, lambda one: one)
            )
            yield

    def _watch(self, block: Any) -> None:
        run, kind = block.forward, signature(block)

        def forward(*arguments: Any, **named: Any) -> Any:
            if self._inside:
                return run(*arguments, **named)
            sizes = _sizes((*arguments, *named.values()))
            known, before = self._known[kind, sizes], self._total
            if self._runs is None or len(known) < self._runs:
                self._place(block.modules())
                self._inside, self._held = True, {}
                output = run(*arguments, **named)
                size, held = self._total - before, sum(self._held.values())
                alone = _alone(block, run, arguments, named) or int(ALONE * size)
                self._inside = False
                known.append((size, alone, held, output))
            else:
                self._total += known[-1][0]
            size, alone, held, output = known[-1]
            self._found.blocks.append(size)
            self._found.alone.append(max(size, alone))
            self._found.held.append(held)
            self._found.inputs.append(_bytes(arguments[0]) if arguments else 0)
            return output

        block.forward = forward

    def _place(self, modules: Iterable[Any]) -> None:
        """Move weights to the device that the run pretends to be on."""
        for module in modules:
            if id(module) in self._placed:
                continue
            self._placed.add(id(module))
            if any(one.device.type == "meta" for one in _own_tensors(module)):
                module.to_empty(device="cpu", recurse=False)
            for name, one in module.named_parameters(recurse=False):
                if (id(module), name) not in self._counted:
                    self._own.add(one.untyped_storage()._cdata)

    def _keep(self, tensor: Any) -> Any:
        storage = tensor.untyped_storage()
        if storage._cdata not in self._own and storage._cdata not in self._kept:
            self._kept[storage._cdata] = tensor
            self._total += storage.nbytes()
        return tensor

    def _hold(self, _: Any, arguments: Any) -> None:
        storage = self._keep(arguments[0]).untyped_storage()
        self._held[storage._cdata] = storage.nbytes()

    def _at_head(self, head: Any, arguments: Any) -> None:
        if self._head is None:
            self._head = self._total


def _alone(block: Any, run: Any, arguments: Any, named: Any) -> int:
    """What a block takes on its way back, not noted anew; 0 where it cannot be told."""
    import torch

    with torch.autograd.graph.saved_tensors_hooks(lambda one: one, lambda one: one):
        try:
            return most_alive(run, arguments, named, list(block.parameters()))
        except WITHOUT_VALUES:
            return 0


def signature(block: Any) -> Hashable:
    """What two blocks must share to keep the same: classes, switches, weights.

    The number of a layer does not count; what a layer makes of its number, such as
    a window of attention or experts in every second layer, does.
    """
    modules = tuple(
        (path, type(module), *_switches(vars(module)))
        for path, module in block.named_modules()
    )
    weights = tuple(
        (path, tuple(one.shape), one.dtype, one.requires_grad)
        for path, one in block.named_parameters()
    )
    return modules, weights


def _own_tensors(module: Any) -> Iterator[Any]:
    yield from module.parameters(recurse=False)
    yield from module.buffers(recurse=False)


def _switches(attributes: Mapping[str, Any]) -> Iterator[tuple[str, Hashable]]:
    for name, value in attributes.items():
        if name != "layer_idx" and isinstance(value, int | float | str | None):
            yield name, value


def _sizes(arguments: tuple[Any, ...]) -> Hashable:
    import torch

    return tuple(
        (tuple(one.shape), one.dtype) if isinstance(one, torch.Tensor) else type(one)
        for one in arguments
    )


def _bytes(tensor: Any) -> int:
    return int(tensor.numel() * tensor.element_size())
