"""The templates of pages: escaped throughout, in one style, with one set of filters."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from axolotl_explain.report.number_format import format_number, format_share
from axolotl_explain.results.metrics import level_rank

TEMPLATES = Path(__file__).parent / "templates"


def environment() -> Environment:
    """Where templates are found; a name that is not there is an error."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(
        share=format_share,
        number=format_number,
        whole=lambda value: format_number(None if value is None else round(value)),
        rank=level_rank,
    )
    return found


def style() -> Markup:
    """What stands in the `<style>` of every page."""
    return Markup((TEMPLATES / "style.css").read_text("utf-8"))
