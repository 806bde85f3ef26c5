"""ListOps: nested lists of numbers under MIN, MAX, MED and SM (arXiv 1804.06028)."""

from __future__ import annotations

from axolotl_explain.tasks.listops.listops_options import ListOpsOptions
from axolotl_explain.tasks.listops.problem import INSTRUCTION, NAME, problem, verify
from axolotl_explain.tasks.task import Task

LISTOPS = Task(NAME, INSTRUCTION, ListOpsOptions, problem, verify)

__all__ = ["LISTOPS", "ListOpsOptions"]
