"""Runs of a grid that were trained before, and are not in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from axolotl_explain.sweep.archive import find_runs
from axolotl_explain.sweep.grid import Grid
from axolotl_explain.sweep.grid_runs import GridRun
from axolotl_explain.sweep.run_file import read_state
from axolotl_explain.sweep.run_folders import EARLIER, RUNS


def find_moved(planned: Sequence[GridRun], out: Path) -> dict[Path, Path]:
    """Folder of a run -> the one of this sweep that holds it, where it has moved.

    Args:
        out: the sweep's own folder.
    """
    return find_runs(_trainings(planned), [out / RUNS, out / EARLIER])


def find_reusable(
    planned: Sequence[GridRun], grid: Grid, moved: Mapping[Path, Path]
) -> dict[Path, Path]:
    """Folder of a run -> the one of another sweep that holds the same run, trained.

    Args:
        moved: as `find_moved` returns it; these runs need not be copied.
    """
    wanted = {
        folder: training
        for folder, training in _trainings(planned).items()
        if folder not in moved
    }
    found = find_runs(wanted, [Path(other) / RUNS for other in grid.reuse])
    return {place: folder for place, folder in found.items() if _is_trained(folder)}


def _trainings(planned: Sequence[GridRun]) -> dict[Path, str]:
    return {one.run.folder: one.run.training_fingerprint for one in planned}


def _is_trained(folder: Path) -> bool:
    state = read_state(folder)
    return state is not None and state.trained
