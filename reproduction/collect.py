"""Keep what the sweeps of recipes/paper came to: `python -m reproduction.collect`.

Reads outputs/paper/*/results.json and writes reproduction/results/*.json.
"""

from __future__ import annotations

from pathlib import Path

from axolotl_explain.support.whole_file import write_whole
from reproduction.paper_sweeps import FOLDER, SWEEPS, collect


def main() -> None:
    """Collect every sweep that has been run to its end."""
    for sweep in sorted(SWEEPS.glob("*.yml")):
        results = Path("outputs/paper") / sweep.stem / "results.json"
        if not results.is_file():
            print(f"{sweep}: not run here; its kept results stay as they are")
            continue
        text = collect(results, sweep)
        write_whole(FOLDER / f"{sweep.stem}.json", text)
        print(f"{sweep}: {len(text):,} bytes")


if __name__ == "__main__":
    main()
