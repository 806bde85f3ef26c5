"""A sweep that goes on elsewhere: `python -m reproduction.unfinished keep | restore`.

A machine may be gone before a sweep of hours ends. `keep` packs what the finished runs
below outputs/paper came to, without their models, into reproduction/kept_runs, a file
for each sweep that is not at its end; `restore` puts them back elsewhere, where the
sweep does not train them again.
"""

from __future__ import annotations

import io
import json
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

from axolotl_explain.results.chain_record import CHAIN_FILE
from axolotl_explain.results.store import METRICS
from axolotl_explain.support.whole_file import write_whole
from axolotl_explain.sweep.one_run import CHAIN
from axolotl_explain.sweep.run_file import RUN_FILE, read_state
from axolotl_explain.sweep.run_folders import RUNS

OUTPUTS = Path("outputs/paper")
FOLDER = Path(__file__).parent / "kept_runs"
RESULTS = "results.json"
PARTS = (
    *(RUN_FILE, f"evaluation/{METRICS}", "checkpoint-*/trainer_state.json"),
    f"{CHAIN}/{CHAIN_FILE}",
)
"""Of a run: how far it is, what it was judged as, its log, and its stages, if any."""


def keep(outputs: Path = OUTPUTS, folder: Path = FOLDER) -> dict[str, int]:
    """Pack the finished runs of every sweep that is not at its end.

    What was kept before is restored first, so that a machine that has not done so does
    not lose it.

    Returns:
        sweep -> how many runs are kept.
    """
    restore(outputs, folder)
    kept = {}
    for sweep in sorted(path for path in outputs.glob("*") if path.is_dir()):
        packed = folder / f"{sweep.name}.tar.xz"
        if _ended(sweep):
            packed.unlink(missing_ok=True)
            continue
        runs = [*_finished(sweep)]
        kept[sweep.name] = len(runs)
        if runs:
            folder.mkdir(exist_ok=True)
            write_whole(packed, _packed(runs, outputs))
    return kept


def restore(outputs: Path = OUTPUTS, folder: Path = FOLDER) -> dict[str, int]:
    """Put the kept runs into their places; one that is there already stays as it is.

    Returns:
        sweep -> how many runs were put back.
    """
    restored = {}
    for packed in sorted(folder.glob("*.tar.xz")):
        name = packed.name.removesuffix(".tar.xz")
        with tarfile.open(packed) as archive:
            members = archive.getmembers()
            runs = {Path(one.name).parent for one in members if _is_state(one.name)}
            new = {run for run in runs if not (outputs / run).exists()}
            inside = [one for one in members if new & {*Path(one.name).parents}]
            archive.extractall(outputs, inside, filter="data")
        restored[name] = len(new)
    return restored


def _is_state(name: str) -> bool:
    return Path(name).name == RUN_FILE


def _finished(sweep: Path) -> Iterator[Path]:
    """The folders of its runs, and of those that tuned it, that were judged."""
    for path in sorted(sweep.glob(f"**/{RUNS}/*/{RUN_FILE}")):
        state = read_state(path.parent)
        judged = (path.parent / "evaluation" / METRICS).is_file()
        if state is not None and state.evaluation and judged:
            yield path.parent


def _ended(sweep: Path) -> bool:
    path = sweep / RESULTS
    if not path.is_file():
        return False
    runs = json.loads(path.read_text("utf-8"))["runs"]
    return bool(runs) and all(run["state"] == "finished" for run in runs)


def _packed(runs: list[Path], outputs: Path) -> bytes:
    """The same runs give the same bytes."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:xz") as archive:
        for run in runs:
            for path in (found for part in PARTS for found in sorted(run.glob(part))):
                content = path.read_bytes()
                entry = tarfile.TarInfo(path.relative_to(outputs).as_posix())
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def main() -> None:
    """Do what the command line asks."""
    if sys.argv[1:] not in (["keep"], ["restore"]):
        sys.exit("Say which: python -m reproduction.unfinished keep, or restore")
    act, done = (keep, "kept") if sys.argv[1] == "keep" else (restore, "restored")
    for sweep, count in act().items():
        print(f"{sweep}: {count} finished runs {done}")


if __name__ == "__main__":
    main()
