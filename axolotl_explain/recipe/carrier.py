"""What one dataset entry of a recipe means, small enough to travel inside that entry.

Axolotl drops keys of a `datasets:` entry that it does not know, and its key for
prepared data ignores options of plugins and the content of files. One free text field
of an entry, `input_transform`, survives both: it reaches the strategy and is part of
the key. So it carries everything that changes the tokens, as canonical JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any, Literal

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.levels import Level
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.targets.stages import StageCut

CARRIER = "input_transform"
MARK = "axolotl_explain"

PLUGIN_LINES = "plugins:\n  - axolotl_explain.ExplainPlugin\nexplain:\n  level: long"


@dataclass(frozen=True, slots=True)
class DatasetSettings:
    """The options of one dataset entry, merged with the recipe's defaults."""

    options: ExplainOptions
    asks_for_level: bool = False
    """Whether its prompts say how much explanation is wanted."""
    split: Literal["train", "test"] = "train"
    files: Mapping[str, str] = field(default_factory=dict)
    """Local file -> digest of its content."""
    eval_sequence_len: int | None = None
    """Of test rows; Axolotl leaves it out of its key."""
    held_out: bool = False
    """Whether some of its problems are held out, as val_set_size says."""
    keeps_kinds: bool = False
    """Whether the kind of each label stays beside it, for `explain.loss`."""
    other_keys: Mapping[str, Any] = field(default_factory=dict)
    """Keys of the recipe that change the rows and that Axolotl leaves out of its key:
    those of the tokenizer, and which rows are left out."""
    cut: StageCut | None = None
    """What of each explanation is taken away, by `explain.internalise`; None: nothing,
    and then these settings are those of a recipe without that block."""

    @property
    def requests(self) -> dict[Level, str]:
        """What its prompts say, per level, where they say anything."""
        return self.options.requests(self.asks_for_level)

    def to_json(self) -> str:
        """Canonical: the same settings give the same text."""
        content = {
            MARK: version("axolotl-explain"),
            "options": self.options.model_dump(),
            "asks_for_level": self.asks_for_level,
            "split": self.split,
            "files": dict(self.files),
            "eval_sequence_len": self.eval_sequence_len,
            "held_out": self.held_out,
            "keeps_kinds": self.keeps_kinds,
            "other_keys": dict(self.other_keys),
        }
        if self.cut is not None:
            content["cut"] = asdict(self.cut)
        return json.dumps(content, sort_keys=True, ensure_ascii=False)


def is_settings(carried: object) -> bool:
    """Whether a value of the carrier field was written by `to_json`."""
    return isinstance(carried, str) and carried.startswith("{") and MARK in carried


def from_entry(entry: Mapping[str, Any]) -> DatasetSettings:
    """Read the settings out of a dataset entry.

    Raises:
        ExplainError: if there are none, because the plugin did not register; the
            message holds the lines to add.
    """
    carried = entry.get(CARRIER)
    if not is_settings(carried):
        raise ExplainError(
            f"{entry.get('path')}: type {entry.get('type')} works only with its "
            "plugin, which this recipe does not load (or which failed to load, see "
            f"above); add at the top level of the recipe:\n\n{PLUGIN_LINES}\n"
        )
    content = json.loads(str(carried))
    return DatasetSettings(
        options=ExplainOptions(**content["options"]),
        asks_for_level=content["asks_for_level"],
        split=content["split"],
        files=content["files"],
        eval_sequence_len=content["eval_sequence_len"],
        held_out=content["held_out"],
        keeps_kinds=content["keeps_kinds"],
        other_keys=content["other_keys"],
        cut=StageCut(**content["cut"]) if "cut" in content else None,
    )
