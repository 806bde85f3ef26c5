"""A recipe for a user's model, rows and machine, with what was chosen and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import yaml

from axolotl_explain.catalog.choose import Choice, Tell, choose
from axolotl_explain.catalog.edit import scalar
from axolotl_explain.catalog.fitted_text import fitted_text
from axolotl_explain.catalog.learning_rates import learning_rate
from axolotl_explain.catalog.look import Look
from axolotl_explain.catalog.machine import Machine, main_memory
from axolotl_explain.catalog.needs import Needed
from axolotl_explain.catalog.other_model import levels_in_words, way_of, with_comment
from axolotl_explain.core.levels import EXPLAINED

WIDTH = 84
"""Of the lines of a comment."""


@dataclass(frozen=True, slots=True)
class NewRecipe:
    """A recipe that is ready to be written.

    Attributes:
        reasons: what was chosen -> why.
        notes: what the user should know as well.
        first: a command to run before training, where there is one.
        run: the command that trains.
    """

    text: str
    reasons: Mapping[str, str]
    notes: list[str]
    need: Needed
    first: str | None
    run: str


def new_recipe(
    look: Look,
    level: Any,
    machine: Machine,
    out: str,
    tell: Tell = lambda doing: None,
) -> NewRecipe:
    """Choose how to train, and write the text.

    Args:
        level: as a recipe says it.
        out: where the recipe will stand.
        tell: called with what is being done, which may take some seconds.

    Raises:
        ExplainError: if no method fits the machine.
    """
    choice = choose(look, level, machine, out, tell)
    text, notes = fitted_text(choice.fit)
    recipe = yaml.safe_load(text)
    reasons = dict(_reasons(look, choice, machine, recipe))
    basis = choice.fit.method.basis
    title = f"{way_of(recipe)} of {look.model.name}: the rows of {look.changes.data}, "
    title += f"{levels_in_words(recipe)}."
    remarks = [f"Made by `axolotl-explain new` from the recipe {basis.name}.", ""]
    for what, why in reasons.items():
        remarks += wrap(f"{what}: {why}", WIDTH, break_long_words=False)
    run = _run(machine, out)
    before = basis.header.needs
    if "flash" not in str(recipe.get("attn_implementation")):
        before = before.replace(", flash-attn", "")
    line = choice.need.line(before, out)
    return NewRecipe(
        with_comment(text, title, remarks, line, run),
        reasons,
        [*notes, *_notes(look, choice, machine)],
        choice.need,
        basis.header.first,
        run,
    )


def _run(machine: Machine, out: str) -> str:
    where = "" if machine.gpus else "--cpu "
    if machine.gpus > 1:
        where = f"--num_processes {machine.gpus} "
    return f"accelerate launch {where}-m axolotl.cli.train {out}"


def _reasons(
    look: Look, choice: Choice, machine: Machine, recipe: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    rows = look.rows
    counted = ", ".join(
        f"{one} {rows.levels[one]:,}" for one in EXPLAINED if rows.levels[one]
    )
    looked = f"{'the first ' if look.partly else ''}{rows.rows:,}"
    yield "Rows", f"{looked}, {rows.why}; explanations: {counted or 'none'}."
    yield "Level", _level(look, recipe)
    source = f" (by {look.model.config_from})" if look.model.config else ""
    source = " (by its name)" if look.model.size_from == "name" else source
    yield "Model", f"{look.model.size}{source}."
    thinking = " with explanations as thoughts" if look.prompts.thinking else ""
    yield "Prompts", f"{look.prompts.kind}{thinking}; {look.prompts.why}."
    yield "Method", _method(choice, machine)
    fitting = learning_rate(recipe, look.model.parameters)
    yield "Learning rate", f"{scalar(fitting.value)}, for {fitting.holds_for}."
    tokens = f"{recipe['sequence_len']:,}; the longest "
    tokens += "prompt" if look.model.encoder_decoder else "row"
    guessed = "" if look.tokenizer.tokenizer is not None else " by its characters"
    packs = ", rows are packed" if recipe.get("sample_packing") else ""
    yield "Tokens", f"{tokens} has about {choice.longest:,}{guessed}{packs}."


def _level(look: Look, recipe: Mapping[str, Any]) -> str:
    block = recipe["explain"]
    said = scalar(block["level"])
    if block["level"] != look.level:
        why = "as asked for"
    elif look.rows.common:
        why = "the most explained one that all rows have"
    elif look.rows.explained:
        why = "the one that most rows have"
    else:
        why = "no row has an explanation"
    fallback = block.get("on_missing_level")
    others = {
        "nearest": "; rows without it: their nearest one",
        "answer_only": "; rows without it: the answer alone",
    }
    return f"{said}, {why}{others.get(str(fallback), '')}."


def _method(choice: Choice, machine: Machine) -> str:
    method, need = choice.fit.method, choice.need
    name = {"full": "full fine-tune"}.get(method.name, method.name)
    if not machine.gpus:
        return f"{name}, the one that a CPU has the time for."
    if need.estimate is None:
        return f"{name}, which takes the least memory; how much is not known."
    taken = f"{need.gib:.1f} of {machine.memory:g} GB"
    others = [
        f"{other} takes {size}"
        for other, size in choice.tried.items()
        if other != method.full_name
    ]
    shared = " over all cards" if method.shared else ""
    return f"{name}{shared}, {taken}{'; ' + ', '.join(others) if others else ''}."


def _notes(look: Look, choice: Choice, machine: Machine) -> Iterator[str]:
    model, rows, name = look.model, look.rows, look.model.name
    if model.config is None:
        yield (
            f"{name} is not on this machine, so what is said of it comes from its name "
            f"and the shipped recipes. To have it looked at: hf download {name} "
            "--include '*.json' '*.jinja' '*token*', then begin again."
        )
    if choice.stand_in:
        times = f"{choice.need.scale:.2g}"
        yield (
            f"the memory is that of {choice.stand_in}, the nearest in size whose "
            f"config is known{'' if times == '1' else f', times {times}'}."
        )
    elif choice.need.estimate is None:
        yield choice.need.note
    if look.prompts.hint:
        yield f"{look.prompts.hint}."
    if rows.bad:
        yield (
            f"{rows.bad:,} of {rows.rows:,} rows cannot be read and are left out; the "
            f"first: {rows.first_bad}"
        )
    if choice.fit.sizes.shorten:
        yield "rows are longer than sequence_len; their explanations are shortened."
    memory = main_memory()
    if not machine.gpus and memory and choice.need.gib > memory:
        yield (
            f"training takes about {choice.need.gib:.0f} GB, and this machine has "
            f"{memory:.0f}."
        )
