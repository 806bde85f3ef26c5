"""What became of the rows of a dataset: counted over all processes, and logged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from logging import INFO, WARNING
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
from axolotl.utils.logging import get_logger

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.levels import LEVELS
from axolotl_explain.core.outcome import (
    ASKED_FOR,
    DROPS,
    TOO_LONG,
    Outcome,
    in_words,
    is_grave,
    reasons_in_words,
    tally,
)
from axolotl_explain.recipe.carrier import DatasetSettings
from axolotl_explain.recipe.entry_options import held_out_changed
from axolotl_explain.targets.options import TargetOptions
from axolotl_explain.targets.training_rows import outcomes_to_report
from axolotl_explain.tokens.join import KINDS
from axolotl_explain.training.row_columns import KEPT_ASIDE, LEVEL, OUTCOME, REASON

LOG = get_logger("axolotl.explain")


def count_and_clean(
    dataset: Any, name: str, num_rows: int, settings: DatasetSettings
) -> Any:
    """Report what became of the rows, leave out the dropped ones and the bookkeeping.

    Args:
        dataset: a `datasets.Dataset` made of `BatchEncoder.to_table`.
        num_rows: how many rows were read.

    Raises:
        ExplainError: if no row is left, or one is too long that must not be.
    """
    options = settings.options
    purpose = "to train on" if settings.split == "train" else "to evaluate on"
    codes, rows = np.unique(dataset.data.column(OUTCOME), return_counts=True)
    levels = np.asarray(dataset.data.column(LEVEL))
    dropped = (np.asarray(dataset.data.column(OUTCOME)) & int(DROPS)) != 0
    counts = tally(zip(codes.tolist(), rows.tolist(), strict=True))
    found = pa.compute.value_counts(dataset.data.column(REASON).drop_null())
    reasons = Counter({one["values"]: one["counts"] for one in found.to_pylist()})
    kept = Counter(levels[~dropped].tolist())
    LOG.info(
        f"{name}: {num_rows:,} rows -> {kept.total():,} {purpose} "
        f"({_per_level(kept, options)})"
    )
    if settings.held_out and (told := held_out_changed(options)):
        LOG.warning(f"{name}: {told}")
    report(name, counts, reasons, options, len(dataset))
    if options.on_too_long == "error":
        refuse_too_long(name, counts)
    if dropped.all():
        why = in_words(counts, notes=_notes(reasons)) or "no rows"
        raise ExplainError(
            f"{name}: none of {num_rows:,} rows is left {purpose}; what became of "
            f"them: {why}."
        )
    if dropped.any():
        dataset = dataset.select(np.flatnonzero(~dropped))
    aside = [one for one in KEPT_ASIDE if one != KINDS or not settings.keeps_kinds]
    return dataset.remove_columns(aside)


def report(
    name: str,
    counts: Mapping[Outcome, int],
    reasons: Counter[str],
    options: TargetOptions,
    num_rows: int,
) -> None:
    """Log what the recipe asked for, and what it did not ask for.

    That is a warning where its share of the training rows is worth acting on.
    """
    always = outcomes_to_report(options)
    asked = {flag: rows for flag, rows in counts.items() if flag in ASKED_FOR}
    other = {flag: rows for flag, rows in counts.items() if flag not in ASKED_FOR}
    grave = any(is_grave(flag, rows, num_rows) for flag, rows in other.items())
    if told := in_words(asked, always & ASKED_FOR):
        LOG.info(f"{name}: {told}")
    if told := in_words(other, always & ~ASKED_FOR, _notes(reasons)):
        LOG.log(WARNING if grave else INFO, f"{name}: {told}")


def refuse_too_long(name: str, counts: Mapping[Outcome, int]) -> None:
    """Stop where rows are too long, as `on_too_long: error` says.

    Raises:
        ExplainError: with their number.
    """
    found = {flag: rows for flag, rows in counts.items() if flag & TOO_LONG}
    if found:
        raise ExplainError(
            f"{name}: {in_words(found)}; with explain.on_too_long: error that stops "
            "the run. Raise sequence_len, take these rows out, or set on_too_long: "
            "drop or shorten."
        )


def _per_level(counts: Mapping[int, int], options: TargetOptions) -> str:
    multitask = options.order == "multitask"
    names = [
        level if not multitask else "predict" if level == "none" else f"explain {level}"
        for level in LEVELS
    ]
    return ", ".join(
        f"{name} {counts[index]:,}"
        for index, name in enumerate(names)
        if index in counts
    )


def _notes(reasons: Counter[str]) -> dict[Outcome, str]:
    return {Outcome.BAD_ROW: f" ({reasons_in_words(reasons)})"}
