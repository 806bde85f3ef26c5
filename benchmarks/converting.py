"""Rows per second and peak memory of `axolotl explain convert`, JSONL to Parquet.

The rows are GSM8K's in shape, made on the spot, and are converted in a process of
their own, whose peak memory is what the operating system says of it.

python benchmarks/converting.py [--rows 1000000]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def measure_converting(rows: int) -> dict[str, Any]:
    """One conversion of that many rows."""
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "rows.jsonl", Path(folder) / "rows.parquet"
        _write(source, rows)
        command = [sys.executable, __file__, "--convert", str(source), str(out)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True
        )
        found = json.loads(done.stdout.splitlines()[-1])
        return {
            "rows": rows,
            "source_mb": round(source.stat().st_size / 1e6),
            "out_mb": round(out.stat().st_size / 1e6),
            **found,
        }


def _write(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            left, right = number % 9_973, number % 101 + 2
            steps = [
                f"Box {step} holds {left} + {right} * {step} = "
                f"<<{left}+{right}*{step}={left + right * step}>>"
                f"{left + right * step} pens."
                for step in range(1, 5)
            ]
            answer = 4 * left + 10 * right
            row = {
                "question": f"A first box holds {left} pens and each next one {right} "
                "more. How many pens do the four boxes after it hold together?",
                "answer": "\n".join([*steps, f"#### {answer}"]),
            }
            file.write(json.dumps(row) + "\n")


def _convert(source: str, out: str) -> None:
    from axolotl_explain.conversion.conversion import Conversion, convert_file
    from axolotl_explain.recipe.options import ExplainOptions

    begin, begin_cpu = time.perf_counter(), time.process_time()
    what = Conversion(
        source=source, out=Path(out), options=ExplainOptions(preset="gsm8k")
    )
    counts = convert_file(what)
    seconds = time.perf_counter() - begin
    cpu_seconds = time.process_time() - begin_cpu
    found = {
        "written": counts.written,
        "rows_per_second": round(counts.read / seconds),
        "rows_per_cpu_second": round(counts.read / cpu_seconds),
        "peak_mb": round(_peak_kib() * 1_024 / 1e6),
    }
    print(json.dumps(found))


def _peak_kib() -> int:
    """The most memory this process has held, from Linux's account of it.

    `getrusage` would count what the process that started this one held by then.
    """
    status = Path("/proc/self/status").read_text("utf-8").splitlines()
    (line,) = [line for line in status if line.startswith("VmHWM:")]
    return int(line.split()[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--convert", nargs=2, metavar=("SOURCE", "OUT"))
    options = parser.parse_args()
    if options.convert:
        _convert(*options.convert)
    else:
        print(json.dumps(measure_converting(options.rows), indent=2))


if __name__ == "__main__":
    main()
