"""What the package logs, handed over while the host is quiet."""

from __future__ import annotations

import logging

import pytest

from axolotl_explain.support.log import package_log

LOGGER = logging.getLogger("axolotl.explain.some.part")


def test_lines_of_the_package_are_handed_over_with_their_gravity() -> None:
    lines: list[tuple[bool, str]] = []
    with package_log(lambda grave, line: lines.append((grave, line))):
        LOGGER.info("12 rows")
        LOGGER.warning("no %s", "rows")
        LOGGER.debug("unseen")
        logging.getLogger("axolotl.other").warning("of the host")
    assert lines == [(False, "12 rows"), (True, "no rows")]


def test_afterwards_nothing_is_handed_over_and_logging_is_as_before() -> None:
    logger = logging.getLogger("axolotl.explain")
    before = (logger.level, logger.propagate, [*logger.handlers])
    lines: list[str] = []
    with (
        pytest.raises(KeyError),
        package_log(lambda grave, line: lines.append(line)),
    ):
        raise KeyError
    LOGGER.warning("later")
    assert lines == []
    assert (logger.level, logger.propagate, [*logger.handlers]) == before
