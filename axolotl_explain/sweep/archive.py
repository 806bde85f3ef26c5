"""Runs that are not in their place: archived, found again, brought back, copied.

Nothing that was trained is deleted: a run whose place another recipe takes moves to an
archive folder. A run is known by its fingerprint, so a sweep that is changed back, or
whose runs get other names because a key was added, finds it again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from axolotl_explain.sweep.commands import lock_of
from axolotl_explain.sweep.run_file import read_state


def archive_run(folder: Path, archive: Path) -> None:
    """Move the folder of a run into an archive, under a name that is free there."""
    mark = (_training(folder) or "unknown")[:8]
    place, number = archive / f"{folder.name}.{mark}", 1
    while place.exists():
        number += 1
        place = archive / f"{folder.name}.{mark}.{number}"
    archive.mkdir(parents=True, exist_ok=True)
    os.rename(folder, place)


def find_runs(wanted: Mapping[Path, str], shelves: Iterable[Path]) -> dict[Path, Path]:
    """The folder of a run -> the one that holds it, for runs that are elsewhere.

    Args:
        wanted: folder of a run -> fingerprint of its training.
        shelves: folders with runs below them to look through.
    """
    have = {folder: _training(folder) for folder in wanted}
    missing = {wanted[one]: one for one in wanted if have[one] != wanted[one]}
    found: dict[Path, Path] = {}
    for shelf in shelves:
        for folder in sorted(shelf.iterdir()) if shelf.is_dir() else ():
            in_place = folder in wanted and wanted[folder] == have[folder]
            training = None if in_place else _training(folder)
            if training is not None and training in missing:
                found[missing.pop(training)] = folder
    return found


def bring_back(found: Mapping[Path, Path], archive: Path) -> None:
    """Move runs into their places; what is there is archived.

    Args:
        found: as `find_runs` returns it.
    """
    # All out of the way first: two runs may have changed names with each other.
    drafts = {place: place.with_name(f".{place.name}.moving") for place in found}
    for place, folder in found.items():
        os.rename(folder, drafts[place])
    for place, draft in drafts.items():
        _put(draft, place, archive)


def copy_in(found: Mapping[Path, Path], archive: Path) -> None:
    """Copy runs of other sweeps into their places; what is there is archived.

    Args:
        found: as `find_runs` returns it.
    """
    for place, folder in found.items():
        draft = place.with_name(f".{place.name}.copying")
        shutil.rmtree(draft, ignore_errors=True)
        without_lock = shutil.ignore_patterns(lock_of(folder).name)
        shutil.copytree(folder, draft, ignore=without_lock)
        _put(draft, place, archive)


def _put(draft: Path, place: Path, archive: Path) -> None:
    if place.exists():
        archive_run(place, archive)
    os.rename(draft, place)


def _training(folder: Path) -> str | None:
    """Fingerprint of the training in a folder; None where no run has begun."""
    state = read_state(folder) if folder.is_dir() else None
    return state.training if state else None
