"""Estimates of memory beside what torch tracks of a training step on fake tensors.

python -m benchmarks.memory_peaks                      # all recipes: half an hour
python -m benchmarks.memory_peaks --only qwen3/full-0.6b
python -m benchmarks.memory_peaks --estimate           # what is estimated, anew
python -m benchmarks.memory_peaks --table              # docs/memory.md from the JSON

Each shipped recipe with a model of known config is tracked as it is, and once more with
checkpointing and `explain.loss` switched the other way. What was found is kept in
`memory_peaks.json`, and the tables of docs/memory.md are made of it. Sizes are in bytes
there and in GiB here, on each card.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("AXOLOTL_DO_NOT_TRACK", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from axolotl_explain.catalog.shipped_recipes import ShippedRecipe, shipped_recipes
from axolotl_explain.memory import Estimate, estimate, model_config

HERE = Path(__file__).parent
FOUND = HERE / "memory_peaks.json"
PAGE = HERE.parent / "docs" / "memory.md"
GIB = 2**30
PARTS = ("weights", "adapter", "gradients", "optimizer", "activations", "logits")
AS_SHIPPED, SWITCHED = "as shipped", "switched"
Found = dict[str, dict[str, dict[str, list[int]]]]
"""Recipe -> as shipped or switched -> part -> bytes: estimated, and tracked."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", action="append", help="this recipe, again")
    parser.add_argument("--whole", action="store_true", help="run all blocks")
    parser.add_argument("--estimate", action="store_true", help="track nothing")
    parser.add_argument("--table", action="store_true", help="make the tables alone")
    options = parser.parse_args()
    found: Found = json.loads(FOUND.read_text("utf-8")) if FOUND.exists() else {}
    for entry in [] if options.table else trackable():
        if options.only and entry.name not in options.only:
            continue
        print(f"{entry.name} …", file=sys.stderr, flush=True)
        if options.estimate:
            estimate_anew(entry, found)
        else:
            found[entry.name] = measure(entry, options.whole)
        FOUND.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", "utf-8")
    into_page(found)


def trackable() -> list[ShippedRecipe]:
    """Recipes for GPUs, but for DeepSpeed's, which runs on no fake tensors."""
    return [
        one
        for one in shipped_recipes()
        if one.header.hardware.gpus and not one.recipe.get("deepspeed")
    ]


def estimate_anew(entry: ShippedRecipe, found: Found) -> None:
    """Put what is estimated now beside what was tracked before."""
    for way, parts in found.get(entry.name, {}).items():
        recipe = entry.recipe if way == AS_SHIPPED else switched(entry.recipe)
        said = estimated(estimate(recipe, model_config(recipe), gpus_of(entry)))
        for part in PARTS:
            parts[part][0] = said.get(part, 0)
        parts["all"][0] = sum(said.values())


def gpus_of(entry: ShippedRecipe) -> int:
    """Cards that share a model; what is not shared is looked at on one."""
    gpus = entry.header.hardware.gpus
    return gpus if gpus and entry.recipe.get("fsdp_config") else 1


def measure(entry: ShippedRecipe, whole: bool) -> dict[str, dict[str, list[int]]]:
    """A recipe as it is shipped, and switched."""
    ways = {AS_SHIPPED: entry.recipe, SWITCHED: switched(entry.recipe)}
    return {way: compare(recipe, gpus_of(entry), whole) for way, recipe in ways.items()}


def compare(
    recipe: Mapping[str, Any], gpus: int = 1, whole: bool = False
) -> dict[str, list[int]]:
    """Part -> bytes that were estimated, and those that were tracked.

    Buffers of weights that are whole for a moment are tracked among activations.
    """
    from benchmarks.fake_depth import tracked

    config = model_config(recipe)
    seen = tracked(recipe, config, gpus, whole)
    said = estimated(estimate(recipe, config, gpus))
    found = {part: [said.get(part, 0), int(getattr(seen, part))] for part in PARTS}
    found["all"] = [sum(said.values()), max(seen.at_head, seen.peak, seen.stepping)]
    return found


def estimated(found: Estimate) -> dict[str, int]:
    """Bytes of each part, buffers among activations, without what no tensor takes."""
    said = {one.name: one.bytes for one in found.items if one.name != "overhead"}
    said["activations"] += said.pop("buffers", 0)
    return said


def switched(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe with checkpointing and `explain.loss` the other way."""
    fsdp, explain = recipe.get("fsdp_config"), dict(recipe["explain"])
    changed: dict[str, Any]
    if fsdp:
        on = not fsdp.get("activation_checkpointing")
        changed = {"fsdp_config": {**fsdp, "activation_checkpointing": on}}
    else:
        changed = {"gradient_checkpointing": not recipe.get("gradient_checkpointing")}
    if "loss" in explain:
        del explain["loss"]
    else:
        explain["loss"] = {}
    return {**recipe, **changed, "explain": explain}


def into_page(found: Found) -> None:
    """Put the tables between the page's marks."""
    text = PAGE.read_text("utf-8")
    for way in (AS_SHIPPED, SWITCHED):
        start, end = f"<!-- {way} -->\n", f"<!-- end of {way} -->"
        before, rest = text.split(start)
        after = rest.split(end)[1]
        text = before + start + table(found, way) + end + after
    PAGE.write_text(text, "utf-8")


def table(found: Found, way: str) -> str:
    """One line for each recipe."""
    columns = [*PARTS, "all"]
    lines = [
        f"| recipe | {' | '.join(columns)} |",
        f"|---|{'---:|' * len(columns)}",
    ]
    for name in sorted(name for name in found if way in found[name]):
        cells = [cell(*found[name][way][part]) for part in columns]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def cell(said: int, seen: int) -> str:
    """Estimated GiB and its error.

    >>> cell(11 * 2**29, 10 * 2**29)
    '5.50 +10 %'
    """
    if not seen and not said:
        return "–"
    error = f"{said / seen - 1:+.0%}".replace("%", " %") if seen else "?"
    return f"{said / GIB:.2f} {error.replace('-', '−')}"


if __name__ == "__main__":
    main()
