"""`internalise.json`: the curve of a chain, and the stage that is kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from axolotl_explain.internalisation.chain import Chain
from axolotl_explain.internalisation.stage_result import KeptStage, StageResult
from axolotl_explain.results.chain_record import CHAIN_FILE
from axolotl_explain.results.store import versions
from axolotl_explain.support.whole_file import write_whole

FORMAT = 1
"""Goes up when an older reader would misunderstand the file."""


def write_chain(
    chain: Chain, results: Sequence[StageResult], kept: KeptStage | None
) -> Path:
    """Write the file, as far as stages are evaluated.

    {"format": 1, "unit": "line", "step": 1, …, "longest": 3, "stages": [
     {"stage": 0, "folder": "OUT/stage-0", "steps": 800, "tokens": 1228800,
      "seconds": 61.2,
      "held_out": {"num_rows": 500, "exact_match": 1.0, "interval": [0.99, 1.0],
                   "parsed_rate": 1.0, "tokens_per_completion": 10.0},
      "test": {…}}, …],
     "kept": {"stage": 3, "folder": "OUT/stage-3", "why": "the last one …"}}
    """
    folders = {one.choices["stage"]: _folder(one.run) for one in chain.runs}
    content: dict[str, Any] = {
        "format": FORMAT,
        **chain.options.model_dump(mode="json", exclude={"stage", "optimizer_from"}),
        "longest": chain.units.longest,
        "rows": chain.units.rows,
        "held_out": list(chain.held_out),
        "tests": list(chain.tests),
        "stages": [_stage(one, folders[one.stage]) for one in results],
        "kept": None
        if kept is None
        else {
            "stage": kept.result.stage,
            "folder": folders[kept.result.stage],
            "why": kept.why,
        },
        "versions": versions(),
    }
    path = chain.out / CHAIN_FILE
    write_whole(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return path


def _folder(run: Any) -> str:
    return str((run.given or run.folder).as_posix())


def _stage(one: StageResult, folder: str) -> dict[str, Any]:
    return {
        "stage": one.stage,
        "folder": folder,
        "steps": one.steps,
        "tokens": one.tokens,
        "seconds": one.seconds,
        "held_out": one.held_out.to_dict(),
        "test": None if one.test is None else one.test.to_dict(),
    }
