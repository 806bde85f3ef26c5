"""Axolotl's own commands on a trained model: what each asks, and what to know of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from axolotl_explain.core.levels import Level

PREDICT = "axolotl-explain predict --model {out} --ask"


def axolotl_command(arguments: Sequence[str]) -> str:
    """The command of Axolotl that a process runs, such as `inference`; else empty.

    >>> axolotl_command(["/usr/bin/axolotl", "merge-lora", "recipe.yml"])
    'merge-lora'
    >>> axolotl_command(["/lib/axolotl/cli/evaluate.py", "recipe.yml"])
    'evaluate'

    Args:
        arguments: of the process, its program first.
    """
    program = PurePath((arguments or [""])[0])
    if program.name in ("axolotl", "axolotl.exe"):
        return arguments[1] if len(arguments) > 1 else ""
    if program.suffix == ".py" and program.parts[-3:-1] == ("axolotl", "cli"):
        return program.stem.replace("_", "-")
    return ""


def to_know(command: str, recipe: Mapping[str, Any]) -> Iterator[str]:
    """What a user of a command should know, one line each.

    Args:
        recipe: raw or validated, with what the command line has changed.
    """
    out = recipe.get("output_dir") or "OUTPUT_DIR"
    if command in ("inference", "evaluate"):
        yield from _untrained(command, recipe, str(out))
    if command == "inference":
        yield (
            "axolotl inference: it asks with the trained prompt, but draws its tokens "
            "(temperature 0.9, repetition penalty 1.1), so its answers are not those "
            f"of an evaluation; {PREDICT.format(out=out)} answers greedily, with "
            "explanation and answer apart"
        )
    if command == "evaluate":
        yield (
            "axolotl evaluate: it measures the loss on the trained prompts, not "
            f"answers; axolotl-explain eval --model {out} --data … has the model answer"
        )
    if command == "vllm-serve":
        yield (
            f"axolotl vllm-serve: it serves base_model {recipe.get('base_model')}, for "
            f"online RL, and not what was trained; the model card in {out} has the "
            "line that serves it (vllm serve …), whose chat endpoint asks as training "
            "did"
        )
    if recipe.get("lm_eval_tasks"):
        yield (
            "lm_eval_tasks: axolotl lm-eval asks in the words of its tasks, and with "
            "the trained prompt around them only with apply_chat_template: true; for "
            "the questions of axolotl-explain eval run lm_eval with --include_path "
            '"$(axolotl-explain lm-eval-tasks)"'
        )


def _untrained(command: str, recipe: Mapping[str, Any], out: str) -> Iterator[str]:
    """What to say where a command loads a model as it was before the training."""
    base = str(recipe.get("base_model"))
    if recipe.get("adapter"):
        if not recipe.get("lora_model_dir"):
            yield (
                f"axolotl {command}: it loads the base model with a fresh adapter, and "
                f"nothing that was trained; add --lora-model-dir={out}"
            )
    elif (
        PurePath(base) != PurePath(out) and PurePath(out) not in PurePath(base).parents
    ):
        yield (
            f"axolotl {command}: it loads {base}, and nothing that was trained; add "
            f"--base-model={out}"
        )


def level_lines(requests: Mapping[Level, str]) -> str:
    """How levels are asked for where a question is typed; empty where they are not."""
    if not requests:
        return ""
    lines = "; ".join(f"{level}: {line}" for level, line in requests.items())
    return f"below the question, a line says how much explanation is wanted ({lines})"
