"""The comment that a recipe opens with, read as facts.

    # QLoRA of Qwen3 8B: your rows, with the explanation in the thinking channel.
    #
    # Whatever else there is to say.
    #
    # Needs: one NVIDIA GPU with 24 GB (Ampere or newer), flash-attn, 20 GB of disk.
    # First: axolotl fetch deepspeed_configs
    # Run:   accelerate launch -m axolotl.cli.train recipes/qwen3/qlora-8b.yml

`First:` is there where something has to be fetched. A recipe for a CPU needs `any CPU,
2 GB of memory, …`. A copy for a model whose memory is not known has `(memory: see …)`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from axolotl_explain.core.errors import ExplainError, quoted

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight")
COUNTS = {word: number for number, word in enumerate(NUMBERS, 1)}
NEEDS = re.compile(
    rf"(?P<count>{'|'.join(COUNTS)}) NVIDIA GPUs?"
    r"(?: with (?P<card>\d+) GB(?: each)?\b| \([^)]*memory: )"
    r"|any CPU, (?:(?P<ram>\d+) GB of memory\b|memory: )"
)
LABELS = ("Needs:", "First:", "Run:")


@dataclass(frozen=True, slots=True)
class Hardware:
    """What a recipe says that it needs.

    Attributes:
        gpus: number of cards; 0 for a CPU.
        memory: of each card, or of the machine, in GB; None where it is not known.
    """

    gpus: int
    memory: int | None

    def __str__(self) -> str:
        if not self.gpus:
            return "CPU"
        memory = "?" if self.memory is None else self.memory
        return f"{memory} GB" if self.gpus == 1 else f"{self.gpus} x {memory}"


@dataclass(frozen=True, slots=True)
class Header:
    """The facts of one comment."""

    title: str
    purpose: str
    hardware: Hardware
    needs: str
    first: str | None
    run: str


def parse_header(text: str, where: str) -> Header:
    """Read the comment at the top of a recipe.

    Args:
        text: the whole file.
        where: its name, for messages.

    Raises:
        ExplainError: if a line is missing or not in its form.
    """
    lines = comment_lines(text)
    title, colon, purpose = lines[0].partition(": ") if lines else ("", "", "")
    if not colon:
        raise ExplainError(
            f"{where}: opens with {quoted(title)}, not '# TITLE: PURPOSE'."
        )
    found = {
        label: line.removeprefix(label).strip()
        for label in LABELS
        for line in lines
        if line.startswith(label)
    }
    for label in ("Needs:", "Run:"):
        if label not in found:
            raise ExplainError(f"{where}: its opening comment has no line '# {label}'.")
    return Header(
        title=title,
        purpose=purpose,
        hardware=_hardware(found["Needs:"], where),
        needs=found["Needs:"],
        first=found.get("First:"),
        run=found["Run:"],
    )


def comment_lines(text: str) -> list[str]:
    """The lines of the comment that a file opens with, without their marks.

    >>> comment_lines("# A: b.\\n#\\n# Run:   c\\n\\nkey: 1\\n")
    ['A: b.', '', 'Run:   c']
    """
    opening = text.partition("\n\n")[0].splitlines()
    return [line[1:].strip() for line in opening if line.startswith("#")]


def _hardware(needs: str, where: str) -> Hardware:
    match = NEEDS.match(needs)
    if match is None:
        raise ExplainError(
            f"{where}: Needs: {quoted(needs)} says neither 'one NVIDIA GPU with 24 GB' "
            "nor 'any CPU, 2 GB of memory'."
        )
    size = match["card"] or match["ram"]
    return Hardware(COUNTS.get(match["count"], 0), int(size) if size else None)
