"""ListOps as Long Range Arena writes it: problems and answers, no explanations.

    {"Source": "( ( ( [MAX 4 ) ( ( ( [MIN 3 ) 7 ) ] ) ) ] )", "Target": "4"}

Problems are carried out step by step here, so all three levels are there and true; a
target that disagrees with the result is a bad row. Sums are taken modulo 10.
"""

from __future__ import annotations

from axolotl_explain.core.errors import BadRow
from axolotl_explain.core.example import Example
from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.presets.preset import Fields, Preset
from axolotl_explain.tasks.listops.read_tsv import read_problem

MODULUS = 10


def read(row: Fields) -> Draft:
    """The problem, its explanations, the target held against its value."""
    fields = [row.needed("Source"), row.needed("Target")]
    found = read_problem(fields, 1, MODULUS, row.text("id"))
    if isinstance(found, Example):
        return Draft.of(found)
    raise BadRow(f"{found.kind}: {found.detail}", found.kind)


PRESET = Preset(
    columns={
        "Source": ("Source", "source", "input"),
        "Target": ("Target", "target", "label"),
        "id": ("id",),
    },
    levels=("short", "medium", "long"),
    read=read,
    parts={"id": "id"},
    any_answer={"Target": tuple("0123456789")},
)
