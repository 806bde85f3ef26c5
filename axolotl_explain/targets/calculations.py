r"""The calculations that an explanation carries out, found in its text.

Where a text marks its calculations, as GSM8K does with `<<48/2=24>>`, these are the
ones. Otherwise a calculation is a run of numbers and operators, an equals sign and a
number or such a run again, as often as there are equals signs: `48/2 = 24`,
`(5 + 3) x $2 = 8 x $2 = $16`. Numbers may have a currency or percent sign, groups of
thousands and decimals; words between them end a run.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MARKED = re.compile(r"<<([^<>\n=]*=[^<>\n]*)>>")
NUMBER = r"\({0,9}+[-−]?+[$€£¥]?+\d++(?:,\d{3}(?!\d))*+(?:\.\d++)?+%?+\){0,9}+"
OPERATOR = r"\s*+(?:[-+*/×÷·^−–]|[xX](?![^\W\d_]))\s*+"
# Possessive throughout, and a run is taken whole whether it is equated or not: the
# time stays in proportion to the text.
RUN = re.compile(
    rf"(?<![\w.,])(?P<left>{NUMBER}(?P<operated>(?:{OPERATOR}{NUMBER})*+))"
    rf"(?P<right>(?:\s*+=\s*+{NUMBER}(?:{OPERATOR}{NUMBER})*+)*+)"
)


class Calculation(NamedTuple):
    """One calculation, without white space: `48/2=24`."""

    text: str

    @property
    def result(self) -> str:
        """What stands behind the last equals sign."""
        return self.text.rpartition("=")[2]


def calculations(text: str) -> list[Calculation]:
    """All calculations of a text, in order.

    >>> [one.text for one in calculations("In May 48 / 2 = 24, so 48+24 = 72 in all.")]
    ['48/2=24', '48+24=72']
    """
    marked = MARKED.findall(text)
    if marked:
        return [Calculation("".join(one.split())) for one in marked]
    return [
        Calculation("".join(match[0].split()))
        for match in RUN.finditer(text)
        if match["operated"] and match["right"]
    ]
