"""Links in the documents lead somewhere, and the site has every page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"```.*?```", re.DOTALL)


def links(page: str) -> Iterator[str]:
    """Where the links of a page lead, those of examples in code left out."""
    yield from LINK.findall(FENCE.sub("", (ROOT / page).read_text("utf-8")))


def anchors(page: Path) -> set[str]:
    """The anchors of headings, as sites make them."""
    text = FENCE.sub("", page.read_text("utf-8"))
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    plain = (re.sub(r"[^\w\s-]", "", one.lower()).strip() for one in found)
    return {re.sub(r"[\s]+", "-", one) for one in plain}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_within_the_repository_leads_somewhere(page: str) -> None:
    for link in links(page):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (ROOT / page).parent / name if name else ROOT / page
        assert target.exists(), f"{page}: {link}"
        if anchor:
            assert anchor in anchors(target), f"{page}: {link}"


def test_the_site_has_every_page_and_no_other() -> None:
    text = (ROOT / "mkdocs.yml").read_text("utf-8")
    nav = re.findall(r"[\w-]+\.md", str(yaml.safe_load(text)["nav"]))
    assert sorted(nav) == sorted(path.name for path in ROOT.glob("docs/*.md"))


def test_the_readme_is_one_that_is_read_to_its_end() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 150
