"""The prompts that a teacher is sent: jinja2 files, the user's own before those here.

A folder of prompts may hold any of `system.j2`, `problem.j2`, `explain.j2`,
`shorten.j2` and `hint.j2`, each in place of the one in `prompts/`, and
`examples.jsonl`: rows with explanations, which the prompts show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError, at
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import Level
from axolotl_explain.core.target import TargetFormat
from axolotl_explain.core.template import compile_template, names_of, render
from axolotl_explain.core.thoughts import split_thoughts
from axolotl_explain.servers.server_reply import ServerReply
from axolotl_explain.sources.tables import read_rows
from axolotl_explain.support.suggest import did_you_mean

SHIPPED = Path(__file__).parent / "prompts"
NAMES = ("system", "problem", "explain", "shorten", "hint")
EXAMPLES = "examples.jsonl"

Messages = list[dict[str, str]]
"""A conversation."""
Asked = Messages | str
"""What a teacher is sent: a conversation, or a prompt as text."""


@dataclass(frozen=True, slots=True)
class PromptFiles:
    """What a teacher of any kind is asked.

    Attributes:
        sources: name of each prompt -> its template.
        places: name of each prompt -> its file, for errors.
        examples: rows that prompts show, with explanations.
    """

    sources: Mapping[str, str]
    places: Mapping[str, str]
    examples: Sequence[Example] = ()
    layout: TargetFormat = field(default_factory=TargetFormat)

    @property
    def shortens(self) -> bool:
        """Shorter levels are made of the longest."""
        return True

    def explain(self, example: Example, level: Level) -> Messages:
        """Asks for an explanation, without the answer."""
        return self._messages("explain", example, level, {})

    def shorten(self, example: Example, level: Level, explanation: str) -> Messages:
        """Asks for a shorter form of an explanation."""
        more = {"explanation": explanation}
        return self._messages("shorten", example, level, more)

    def hint(self, example: Example, level: Level) -> Messages:
        """Asks for an explanation, with the answer in sight."""
        return self._messages("hint", example, level, {"answer": example.answer})

    def completion(self, reply: ServerReply) -> str:
        """What counts of a reply: what is said, without the thoughts before it."""
        return split_thoughts(reply.text).said.strip()

    def _messages(
        self, name: str, example: Example, level: Level, more: Mapping[str, Any]
    ) -> Messages:
        names = {
            **names_of(example),
            "level": level,
            "marker": self.layout.marker.strip(),
            "problem": self._problem(example),
            "examples": self._shown(level),
            **more,
        }
        system = self._system(names)
        asked = {"role": "user", "content": self._rendered(name, names).strip()}
        return [{"role": "system", "content": system}, asked] if system else [asked]

    def _system(self, names: Mapping[str, Any]) -> str:
        source = self.sources["system"]
        # Most say the same of all rows, and a template takes its time.
        fixed = "{" not in source
        return (source if fixed else self._rendered("system", names)).strip()

    def _problem(self, example: Example) -> str:
        return self._rendered("problem", names_of(example)).strip()

    def _shown(self, level: Level) -> list[dict[str, str]]:
        return [
            {
                "problem": self._problem(one),
                "answer": one.answer,
                "explanation": one.explanations[level],
            }
            for one in self.examples
            if level in one.explanations
        ]

    def _rendered(self, name: str, names: Mapping[str, Any]) -> str:
        return render(self.sources[name], names, self.places[name])


def load_prompts(
    folder: Path | None, layout: TargetFormat | None = None
) -> PromptFiles:
    """The prompts of a folder, and those of this package for what it does not hold.

    Raises:
        ExplainError: for a file of an unknown name, a template that is none, or
            examples that cannot be read.
    """
    sources, places = {}, {}
    for name in NAMES:
        own = folder / f"{name}.j2" if folder is not None else SHIPPED / f"{name}.j2"
        file = own if own.is_file() else SHIPPED / f"{name}.j2"
        places[name] = str(file) if file == own else file.name
        sources[name] = _read(file)
        compile_template(sources[name], places[name])
    examples = _examples(folder) if folder is not None else ()
    return PromptFiles(sources, places, examples, layout or TargetFormat())


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ExplainError(f"{file}: cannot be read as UTF-8 ({error}).") from None


def _examples(folder: Path) -> Sequence[Example]:
    known = [*(f"{name}.j2" for name in NAMES), EXAMPLES]
    if not folder.is_dir():
        raise ExplainError(f"--prompts {folder}: there is no such folder.")
    for file in sorted(folder.iterdir()):
        if file.suffix in (".j2", ".jsonl") and file.name not in known:
            raise ExplainError(
                f"{file}: no prompt has this name{did_you_mean(file.name, known)} A "
                f"folder of prompts may hold {', '.join(known)}."
            )
    if not (folder / EXAMPLES).is_file():
        return ()
    path = str(folder / EXAMPLES)
    found = []
    for number, row in enumerate(read_rows(path), 1):
        try:
            found.append(_example(row))
        except ExplainError as error:
            raise ExplainError(at(path, f"row {number}", error)) from None
    return found


def _example(row: Any) -> Example:
    if isinstance(row, ExplainError):
        raise row
    return Example.from_row(row)
