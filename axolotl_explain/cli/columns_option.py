"""The option `--columns PART=COLUMN`."""

from __future__ import annotations

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.core.levels import EXPLAINED


def parse_columns(pairs: tuple[str, ...]) -> dict[str, str | list[str]]:
    """`PART=COLUMN` as typed; a level that is given twice has several columns.

    Raises:
        ExplainError: naming the option.
    """
    columns: dict[str, str | list[str]] = {}
    for pair in pairs:
        part, equals, column = pair.partition("=")
        if not equals:
            raise ExplainError(
                f"--columns {quoted(pair)}: write PART=COLUMN, such as long=reason."
            )
        if part in columns and part not in EXPLAINED:
            raise ExplainError(f"--columns {part}: it is given twice.")
        before = columns.get(part, [])
        before = [before] if isinstance(before, str) else before
        columns[part] = [*before, column] if before else column
    return columns
