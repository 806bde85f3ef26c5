"""An SVG by matplotlib -> part of a page: colours and fonts are the page's own."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from axolotl_explain.report.palette import INK, LINE, MUTED, PAPER, SERIES, SHADE

VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    LINE: "--line",
    SHADE: "--shade",
    PAPER: "--card",
    **{colour: f"--s{number}" for number, colour in enumerate(SERIES)},
}
"""Every colour that the plots use -> the page's variable for it."""

ID = re.compile(r'((?:\bid="|href="#|url\(#))')
FONT = re.compile(r"(font: [^;\"]*?px) [^;\"]+")


def inline(svg: str, name: str, title: str) -> Markup:
    """The `<svg>` element alone, named for screen readers, with ids of its own."""
    found = svg[svg.index("<svg") :]
    found = re.sub(r"<metadata>.*?</metadata>", "", found, flags=re.DOTALL)
    found = re.sub(r"<style[^>]*>.*?</style>", "", found, flags=re.DOTALL)
    found = re.sub(r'\sxmlns(?::xlink)?="[^"]*"', "", found)
    found = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", found, count=1)
    found = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", found, count=1)
    found = found.replace("xlink:href=", "href=")
    found = ID.sub(rf"\g<1>{name}-", found)
    found = FONT.sub(r"\1 var(--sans)", found)
    for colour, variable in VARIABLES.items():
        found = found.replace(colour, f"var({variable})")
    label = escape(title)
    head = f'<svg role="img" aria-label="{label}" '
    return Markup(found.replace("<svg ", head, 1).strip())
