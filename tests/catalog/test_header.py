"""The comment that a recipe opens with."""

from __future__ import annotations

import pytest

from axolotl_explain import ExplainError
from axolotl_explain.catalog.header import Hardware, parse_header

TEXT = """\
# QLoRA of A 8B: for this and that.
#
# More to say: a lot.
#
# Needs: {needs}
# First: axolotl fetch deepspeed_configs
# Run:   accelerate launch -m axolotl.cli.train recipes/a.yml

base_model: a
# Run: not this one
"""


@pytest.mark.parametrize(
    ("needs", "hardware", "shown"),
    [
        ("one NVIDIA GPU with 24 GB (Ampere), flash-attn.", Hardware(1, 24), "24 GB"),
        ("two NVIDIA GPUs with 48 GB each (Ampere).", Hardware(2, 48), "2 x 48"),
        ("any CPU, 2 GB of memory, a minute.", Hardware(0, 2), "CPU"),
    ],
)
def test_facts_are_read_from_the_comment(
    needs: str, hardware: Hardware, shown: str
) -> None:
    header = parse_header(TEXT.format(needs=needs), "a.yml")
    assert (header.title, header.purpose) == ("QLoRA of A 8B", "for this and that.")
    assert (header.hardware, str(header.hardware)) == (hardware, shown)
    assert header.needs == needs
    assert header.first == "axolotl fetch deepspeed_configs"
    assert header.run == "accelerate launch -m axolotl.cli.train recipes/a.yml"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("base_model: a\n", "a.yml: opens with '', not '# TITLE: PURPOSE'"),
        ("# A: b.\n# Needs: any CPU, 2 GB of memory.\n\n", "has no line '# Run:'"),
        ("# A: b.\n# Run: c\n\n# Needs: late\n", "has no line '# Needs:'"),
        (TEXT.format(needs="a big card"), "Needs: 'a big card' says neither"),
    ],
)
def test_a_comment_in_another_form_is_refused(text: str, message: str) -> None:
    with pytest.raises(ExplainError) as caught:
        parse_header(text, "a.yml")
    assert message in str(caught.value)
