"""Runs whose place was taken or whose name has changed: put aside, and found again.

Nothing that was trained is deleted. A run is known by its fingerprint, so a sweep that
is changed back, or whose runs get other names because a key was added, has it at once.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from axolotl_explain.sweep.commands import lock_of
from axolotl_explain.sweep.run_file import read_kept


def set_aside(folder: Path, aside: Path) -> None:
    """Move what a folder holds out of the way, under a name of its own."""
    kept = read_kept(folder)
    mark = kept.training[:8] if kept else "unknown"
    place, number = aside / f"{folder.name}.{mark}", 1
    while place.exists():
        number += 1
        place = aside / f"{folder.name}.{mark}.{number}"
    aside.mkdir(parents=True, exist_ok=True)
    os.rename(folder, place)


def found_elsewhere(
    wanted: Mapping[Path, str], shelves: Iterable[Path]
) -> dict[Path, Path]:
    """Wanted folder -> the one that holds its run, where it is not in its place.

    Args:
        wanted: folder of a run -> fingerprint of its training.
        shelves: folders to look in.
    """
    have = {folder: _training(folder) for folder in wanted}
    missing = {wanted[one]: one for one in wanted if have[one] != wanted[one]}
    found: dict[Path, Path] = {}
    for shelf in shelves:
        for folder in sorted(shelf.iterdir()) if shelf.is_dir() else ():
            in_place = folder in wanted and wanted[folder] == have[folder]
            mark = None if in_place else _training(folder)
            if mark is not None and mark in missing:
                found[missing.pop(mark)] = folder
    return found


def bring_back(found: Mapping[Path, Path], aside: Path) -> None:
    """Put runs into their places; what stands there goes aside."""
    # All out of the way first: two runs may have changed names with each other.
    drafts = {place: place.with_name(f".{place.name}.moving") for place in found}
    for place, folder in found.items():
        os.rename(folder, drafts[place])
    for place, draft in drafts.items():
        if place.exists():
            set_aside(place, aside)
        os.rename(draft, place)


def copy_in(found: Mapping[Path, Path], aside: Path) -> None:
    """Copy runs of other sweeps into their places; what stands there goes aside."""
    for place, folder in found.items():
        draft = place.with_name(f".{place.name}.copying")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(
            folder, draft, ignore=shutil.ignore_patterns(lock_of(folder).name)
        )
        if place.exists():
            set_aside(place, aside)
        os.rename(draft, place)


def _training(folder: Path) -> str | None:
    kept = read_kept(folder) if folder.is_dir() else None
    return kept.training if kept else None
