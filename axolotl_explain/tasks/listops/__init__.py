"""ListOps: nested lists of numbers under MIN, MAX, MED and SM (arXiv 1804.06028)."""

from __future__ import annotations

from axolotl_explain.tasks.listops.count import count
from axolotl_explain.tasks.listops.expression import order_key
from axolotl_explain.tasks.listops.listops_options import ListOpsOptions
from axolotl_explain.tasks.listops.parse import parse, spell
from axolotl_explain.tasks.listops.problem import INSTRUCTION, NAME, as_example, verify
from axolotl_explain.tasks.listops.sample import draw
from axolotl_explain.tasks.task import Task

LISTOPS = Task(
    name=NAME,
    instruction=INSTRUCTION,
    options=ListOpsOptions,
    draw=draw,
    as_example=as_example,
    text=spell,
    parse=parse,
    key=order_key,
    count=count,
    verify=verify,
)

__all__ = ["LISTOPS", "ListOpsOptions"]
