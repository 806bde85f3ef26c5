"""Rows that nobody on this project wrote: at least 95 of 100 become examples."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.sources.reader import RowReader

DATA = Path(__file__).parents[4] / "shared" / "data"
FILES = {
    "gsm8k": "gsm8k_train_200.jsonl",
    "aqua_rat": "aqua_rat_dev_120.jsonl",
    "cos_e": "cos_e_v1_0_dev_150.jsonl",
}
HAS_DATA = pytest.mark.skipif(
    not DATA.is_dir(),
    reason="rows of GSM8K (train), AQuA-RAT (dev) and CoS-E 1.0 (dev), which are not "
    f"shipped, belong in {DATA} as {', '.join(FILES.values())}; "
    "rows written in their shape are tested in any case",
)


@HAS_DATA
@pytest.mark.parametrize("preset", FILES)
def test_real_rows_become_examples_or_are_counted(preset: str) -> None:
    options = ExplainOptions(preset=preset)
    reader = RowReader(options, 0, FILES[preset])
    lines = (DATA / FILES[preset]).read_text("utf-8").splitlines()
    found = [one for each in reader.all(map(json.loads, lines)) for one in each]
    assert len(found) + reader.skipped.total() == len(lines)
    assert len(found) >= 0.95 * len(lines)
    explained = [one for one in found if one.explanations.get(options.level)]
    assert len(explained) >= 0.95 * len(lines)
    raw = {json.loads(line)["question"].strip() for line in lines}
    assert {one.instruction for one in found} <= raw


@HAS_DATA
def test_the_answers_of_real_rows_are_those_that_stand_in_them() -> None:
    for preset, file in FILES.items():
        reader = RowReader(ExplainOptions(preset=preset), 0, file)
        for line in (DATA / file).read_text("utf-8").splitlines():
            row = json.loads(line)
            for example in reader(1, row):
                if preset == "gsm8k":
                    stated = row["answer"].split("#### ")[1].replace(",", "")
                    assert example.answer == stated
                    assert "<<" not in example.explanations["medium"]
                elif preset == "aqua_rat":
                    assert example.answer == row["correct"]
                else:
                    place = "ABCDE".index(example.answer)
                    assert row["choices"][place] == row["answer"]
