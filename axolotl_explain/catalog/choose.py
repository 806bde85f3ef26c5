"""The first way to train that a machine has the memory for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import ceil, log
from typing import Any

import yaml

from axolotl_explain.catalog.fit import Fit, Sizes
from axolotl_explain.catalog.fitted_text import fitted_text
from axolotl_explain.catalog.look import Look
from axolotl_explain.catalog.machine import Machine, main_memory
from axolotl_explain.catalog.methods import methods
from axolotl_explain.catalog.model_facts import ModelFacts, size_in_name
from axolotl_explain.catalog.needs import ROOM, Needed, needed
from axolotl_explain.catalog.tokenizer_facts import Lengths
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.levels import EXPLAINED, levels_in_play
from axolotl_explain.memory.estimate import GIB
from axolotl_explain.memory.known_models import DECODERS, MODELS

SHORTEST = 512
"""Tokens of a row that are not given up for memory."""
STEP = 128
"""Rows may be so many tokens long, or a multiple of it."""
HALVINGS = 3
WITHOUT_LIMIT = 32_768
"""The longest row, where a model's config names no end of its positions."""
Tell = Callable[[str], object]


@dataclass(slots=True)
class Choice:
    """What was chosen.

    Attributes:
        fit: what the text is made from.
        need: its memory.
        tried: method that did not fit -> GB that it takes, in words.
        longest: tokens of the longest row.
        stand_in: the model of the nearest size whose config the estimate was made of,
            where that of the model itself is not known.
    """

    fit: Fit
    need: Needed
    tried: dict[str, str] = field(default_factory=dict)
    longest: int = 0
    stand_in: str = ""


def choose(look: Look, level: Any, machine: Machine, out: str, tell: Tell) -> Choice:
    """Go through the methods, for rows as they are and then for shorter ones.

    Args:
        level: as a recipe says it.
        tell: called with what is being done.

    Raises:
        ExplainError: if nothing fits.
    """
    config, stand_in, scale = _config(look.model)
    last: Choice | None = None
    tried: dict[str, str] = {}
    lengths = look.tokenizer.lengths(look.rows.examples, _trained(level))
    longest = lengths.prompt if look.model.encoder_decoder else lengths.row
    for fit in _tries(look, level, machine, out, _sizes(look.model, lengths, longest)):
        name = fit.method.full_name
        if machine.gpus:
            least = fit.method.least(look.model.parameters or 0, machine.gpus) / GIB
            if least > fit.method.room * machine.memory:
                tried[name] = f"at least {least:.1f}"
                continue
        tell(f"estimating the memory of {name}")
        text, _ = fitted_text(fit)
        need = needed(yaml.safe_load(text), config, machine.gpus)
        need = need._replace(scale=scale)
        last = Choice(fit, need, tried, longest, stand_in)
        if _fits(last, machine):
            return last
        if need.estimate is not None:
            tried[name] = f"{need.gib:.1f}"
    if last is not None and not machine.gpus:
        return last
    raise _nothing_fits(look.model, machine, tried)


def _trained(level: Any) -> Collection[str]:
    """The levels that a recipe may train."""
    return levels_in_play(level) or EXPLAINED


def _tries(
    look: Look, level: Any, machine: Machine, out: str, sizes: Iterator[Sizes]
) -> Iterator[Fit]:
    for size in sizes:
        for method in methods(look.model, look.prompts.kind, machine.gpus):
            fit = Fit(look, method, size, machine.gpus, level, out)
            yield fit
            if not machine.gpus and method.rows == 1:
                yield replace(fit, frugal=True)
                return


def _fits(choice: Choice, machine: Machine) -> bool:
    need, method = choice.need, choice.fit.method
    if need.estimate is None:
        return method.name == "QLoRA" or not machine.gpus
    if machine.gpus:
        return need.gib <= method.room * machine.memory
    memory = main_memory()
    return memory is None or need.gib <= ROOM * memory


def _sizes(model: ModelFacts, lengths: Lengths, longest: int) -> Iterator[Sizes]:
    """The length that the longest row needs, and where it is long, halves of it."""
    limit = positions(model)
    target = _step(lengths.target, limit)
    wanted = _step(longest, limit)
    for half in range(1 if model.encoder_decoder else HALVINGS + 1):
        size = _step(wanted >> half, limit)
        if half and size < SHORTEST:
            return
        yield Sizes(size, target, lengths.total, shorten=longest > size)


def positions(model: ModelFacts) -> int:
    """The longest row that a model was made for."""
    config = model.config or {}
    config = config.get("text_config") or config
    if model.encoder_decoder and "max_position_embeddings" not in config:
        return WITHOUT_LIMIT  # The positions of T5 are relative.
    found = config.get("max_position_embeddings") or config.get("n_positions")
    return min(int(found or WITHOUT_LIMIT), WITHOUT_LIMIT)


def _step(length: int, limit: int) -> int:
    """The next multiple of a step.

    >>> _step(300, 2048), _step(5000, 1000), _step(3, 512)
    (384, 1000, 128)
    """
    return min(STEP * max(1, ceil(length / STEP)), limit)


def _config(model: ModelFacts) -> tuple[Mapping[str, Any] | None, str, float]:
    """The config to estimate with; whose it is, and how much larger the model is.

    Where the model's own is not known, that of the nearest size among those that are.
    """
    if model.size_from == "config":
        return model.config, "", 1.0
    if model.parameters is None or model.encoder_decoder:
        return None, "", 1.0
    ratios = {
        name: model.parameters / size
        for name in DECODERS
        if (size := size_in_name(name)) is not None
    }
    name = min(ratios, key=lambda one: abs(log(ratios[one])))
    return MODELS[name], name, ratios[name]


def _nothing_fits(
    model: ModelFacts, machine: Machine, tried: Mapping[str, str]
) -> ExplainError:
    taken = ", ".join(f"{name} {size}" for name, size in tried.items())
    more = " or more of them (--gpus)," if not model.encoder_decoder else ""
    return ExplainError(
        f"--memory {machine.memory:g}: {model.name} ({model.size}) does not fit "
        f"{machine}; in GB: {taken}. Name a larger card,{more} or a smaller model."
    )
