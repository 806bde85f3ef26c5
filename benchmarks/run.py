"""Print all benchmarks as JSON; speeds are compared within this one run.

python benchmarks/run.py [--rows 20000] [--completions 128] [--converted 100000]
    [--checked-rows 100000] [--repeats 3]
"""

from __future__ import annotations

import argparse
import json
import os

os.environ.setdefault("AXOLOTL_DO_NOT_TRACK", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from annotating import measure_annotating
from checking import measure_checking
from converting import measure_converting
from generation import measure_generation
from import_time import measure_import
from tokenizing import measure_tokenizing


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--completions", type=int, default=128)
    parser.add_argument("--checked-rows", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--converted", type=int, default=100_000)
    options = parser.parse_args()
    results = {
        "import": measure_import(options.repeats),
        "tokenizing": measure_tokenizing(options.rows, options.repeats),
        "converting": measure_converting(options.converted),
        "generation": measure_generation(options.completions, options.repeats),
        "annotating": measure_annotating(3_000, 64, options.repeats, 20_000),
        "checking": measure_checking(options.checked_rows),
    }
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
