"""The columns that training rows keep until all processes are done, and one longer."""

from __future__ import annotations

from axolotl_explain.tokens.join import KINDS

OUTCOME = "explain_outcome"
LEVEL = "explain_level"
REASON = "explain_reason"
ROW = "explain_row"
"""The place of the source row in its dataset, from 0."""
KEPT_ASIDE = (OUTCOME, LEVEL, REASON, ROW, KINDS)
PROBLEM = "explain_problem"
"""The number of the problem; stays until `val_set_size` has split the rows."""
