"""What a checkpoint was trained on, kept in it, and compared when training goes on.

A trainer that goes on from a checkpoint takes its step, its learning rate and its place
in the data over. With other rows, or the same at another level, it would make a step or
none at a learning rate near zero, and save the old weights under the new name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

from axolotl.utils.logging import get_logger
from transformers import TrainerCallback
from transformers.trainer_utils import get_last_checkpoint

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.recipe.carrier import CARRIER, from_entry, is_settings
from axolotl_explain.recipe.loss_options import loss_block
from axolotl_explain.support.whole_file import write_whole

LOG = get_logger("axolotl.explain")
RECORD = "explain_training.json"
LOSS = "explain.loss"
MOST = 4
"""Differences that an error names."""

Record = dict[str, Any]


class RecordTraining(TrainerCallback):  # type: ignore[misc]
    """Writes into each checkpoint what it was trained on; the first process does."""

    def __init__(self, record: Record) -> None:
        self.record = record

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        if state.is_world_process_zero and folder.is_dir():
            write_whole(folder / RECORD, json.dumps(self.record, indent=2))


def record_of(cfg: Any) -> Record:
    """What a recipe trains on: options and content of each of its datasets of ours,
    and what the loss makes of them.

    Key path -> value. Names of files are not in it, so that data may be moved.
    """
    record: Record = {}
    for index, entry in enumerate(cfg.get("datasets") or []):
        if not is_settings(entry.get(CARRIER)):
            continue
        settings, where = from_entry(entry), f"datasets[{index}]"
        for key, value in settings.options.model_dump(mode="json").items():
            record[f"{where}.explain.{key}"] = value
        record[f"{where}: prompts that say the level"] = settings.asks_for_level
        record[f"{where}: content of the files"] = sorted(settings.files.values())
        for key, value in settings.other_keys.items():
            record[key] = value
        for key, value in asdict(settings.cut).items() if settings.cut else ():
            record[f"explain.internalise.{key}"] = value
        if settings.held_out:
            record["val_set_size"], record["seed"] = cfg.get("val_set_size"), cfg.seed
    if record:
        record |= _loss_of(cfg)
    return json.loads(json.dumps(record)) if record else record


def _loss_of(cfg: Any) -> Record:
    """What the loss makes of each kind of token, whatever words the recipe has for it.

    >>> _loss_of({"explain": {"level": "long"}})
    {'explain.loss': None}
    """
    loss = loss_block(cfg)
    if loss is None:
        return {LOSS: None}
    weights = loss.target_weights(bool(cfg.get("train_on_inputs")))
    return {
        LOSS: "exact",
        **{f"{LOSS}.weights.{kind}": float(one) for kind, one in weights.items()},
        **{f"{LOSS}.share.{kind}": one for kind, one in loss.wanted_shares.items()},
        **{f"{LOSS}.schedule.{kind}": astuple(one) for kind, one in loss.ramps.items()},
    }


def refuse_other_checkpoint(cfg: Any) -> None:
    """Refuse to go on from a checkpoint that was trained on something else.

    Raises:
        ExplainError: with what differs and the ways out.
    """
    key, checkpoint = _resumed(cfg)
    now = record_of(cfg)
    if checkpoint is None or not now:
        return
    file = Path(checkpoint) / RECORD
    if not file.is_file():
        LOG.warning(
            f"{key}: {checkpoint} does not say what it was trained on (no {RECORD}), "
            "so nobody can tell whether it was this recipe"
        )
        return
    changed = list(_differences(json.loads(file.read_text("utf-8")), now))
    if not changed:
        return
    more = [f"and {len(changed) - MOST} more"] if len(changed) > MOST else []
    raise ExplainError(
        f"{key}: {checkpoint} was trained on something else "
        f"({'; '.join([*changed[:MOST], *more])}), and its steps and learning rate go "
        f"with that. Set another output_dir and remove {key} to start anew; or go on "
        f"from its weights alone, with "
        f"base_model: {checkpoint} (of an adapter: lora_model_dir: {checkpoint})."
    )


def _resumed(cfg: Any) -> tuple[str, str | None]:
    """The key that makes training go on, and the checkpoint, None where there is none.

    As `axolotl.utils.train.determine_last_checkpoint` picks it.
    """
    if cfg.get("resume_from_checkpoint"):
        return "resume_from_checkpoint", str(cfg["resume_from_checkpoint"])
    key, folder = "auto_resume_from_checkpoints", cfg.get("output_dir")
    if not cfg.get(key) or not folder or not Path(folder).is_dir():
        return key, None
    return key, get_last_checkpoint(folder)


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for key in dict.fromkeys([*before, *now]):
        old, new = before.get(key), now.get(key)
        # Checkpoints of earlier versions say nothing of the loss.
        unsaid = key.startswith(LOSS) and LOSS not in before
        if old == new or unsaid:
            continue
        if "content of" in key:
            yield f"{key} differs"
        else:
            yield f"{key} was {quoted(old)}, is {quoted(new)}"
