"""`explain.json`: what a trained folder says of its prompts and its answers.

It lies beside the weights of a model or adapter, so that the folder alone tells how to
ask it and where its answers end:

    {"format": 1, "axolotl_explain": "0.1.0", "type": "axolotl_explain.instruct",
     "base_model": "outputs/scratch/tiny-llama", "adapter": "lora",
     "levels": ["none", "long"], "asks_for_level": true,
     "requests": {"none": "Give the answer alone, …", …},
     "order": "explanation_first", "answer_marker": "Final answer: ", …}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from axolotl_explain.core.errors import ExplainError, quoted
from axolotl_explain.core.levels import LEVELS, Level
from axolotl_explain.core.target import ANSWER_MARKER, Order, TargetFormat, Task
from axolotl_explain.support.whole_file import write_whole

FILE = "explain.json"
FORMAT = 1
"""Goes up when an older reader would misunderstand the file."""

Type = Literal[
    "axolotl_explain.instruct", "axolotl_explain.chat", "axolotl_explain.seq2seq"
]


class ExplainFile(BaseModel):
    """How a model was asked in training; fields as in the file."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    format: int = FORMAT
    axolotl_explain: str = Field(default_factory=lambda: version("axolotl-explain"))
    """The version that wrote the file."""
    type: Type
    base_model: str
    adapter: str | None = None
    """What the folder holds beside the base model, such as `lora`; None: a model."""
    levels: tuple[Level, ...] = LEVELS
    """Those that were trained; all where the rows decided."""
    asks_for_level: bool = False
    """Whether prompts say how much explanation is wanted."""
    requests: dict[Level, str] = Field(default_factory=dict)
    """Level -> the last line of the instruction, by which it is asked for."""
    level_requests: dict[Level, str] = Field(default_factory=dict)
    """The recipe's own words for levels, of which `requests` are made."""
    task_requests: dict[Task, str] = Field(default_factory=dict)
    """The same of tasks, under `order: multitask`."""
    order: Order = "explanation_first"
    answer_marker: str = ANSWER_MARKER
    template: str | None = None
    """The instruction template, of `instruct` and `seq2seq`."""
    chat_template: str | None = None
    """What a chat endpoint has to apply; None where there is no chat."""
    chat_template_kwargs: dict[str, Any] = Field(default_factory=dict)
    system: str | None = None
    thinking: bool = False
    """Whether explanations stand in the reasoning field."""
    thinking_key: str | None = None
    """The name of that field in a message."""
    line_break: str | None = None
    """Of `seq2seq`: what completions have for a line break."""
    end_ids: tuple[int, ...] = ()
    """Where a completion ends, the end that was trained first."""
    end_tokens: tuple[str, ...] = ()
    longest_target: int | None = None
    """In tokens, the end included; None where it is not known."""
    rows: dict[str, Any] = Field(default_factory=dict)
    """How rows become examples: `preset`, `columns`, `messages`, `derive_levels` …"""
    internalise: dict[str, Any] | None = None
    """What `explain.internalise` took away of explanations; None: nothing."""
    loading: dict[str, Any] = Field(default_factory=dict)
    """Keys of the recipe by which Axolotl loads model and tokenizer."""

    @field_validator("answer_marker")
    @classmethod
    def _usable_marker(cls, value: str) -> str:
        TargetFormat(marker=value)
        return value

    @field_validator(
        "rows", "loading", "chat_template_kwargs", "internalise", mode="before"
    )
    @classmethod
    def _plain(cls, value: object) -> object:
        """Axolotl's own mappings say that they have whatever attribute is asked for."""
        return plain(value)

    @property
    def layout(self) -> TargetFormat:
        """How answers are found again."""
        return TargetFormat(self.order, self.answer_marker)

    @property
    def kind(self) -> str:
        """`instruct`, `chat` or `seq2seq`."""
        return self.type.rpartition(".")[2]


def plain(value: object) -> object:
    """A value with dictionaries and lists of no class of their own."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value


def write_explain_file(folder: Path, content: ExplainFile) -> None:
    """Write the file into a folder, whole or not at all."""
    text = json.dumps(content.model_dump(mode="json"), indent=2, ensure_ascii=False)
    write_whole(folder / FILE, f"{text}\n")


def find_explain_file(folder: str | Path) -> Path | None:
    """The file of a trained folder, or of the one it lies in; None without one.

    Checkpoints and what is made of a model (`merged`, `quantized`) lie in its folder.
    """
    here = Path(folder)
    places = (here / FILE, here.resolve().parent / FILE)
    return next((one for one in places if one.is_file()), None)


def read_explain_file(folder: str | Path) -> ExplainFile:
    """What a trained folder says of itself.

    Raises:
        ExplainError: if there is no such file, it is damaged, or a later version wrote
            it in a form that this one would misunderstand.
    """
    path = find_explain_file(folder)
    if path is None:
        if not Path(folder).is_dir():
            raise ExplainError(f"{folder}: there is no such folder.")
        raise ExplainError(
            f"{folder}: the folder has no {FILE}, which training with this plugin "
            "leaves beside a model; name the recipe of its training, or the "
            "output_dir of a newer one."
        )
    try:
        text = path.read_text("utf-8")
        found = json.loads(text)
    except (OSError, ValueError) as error:
        raise _damaged(path, f"this is no JSON ({error})") from None
    if not isinstance(found, dict):
        raise _damaged(path, "this is no JSON object")
    _refuse_later(path, found)
    try:
        return ExplainFile.model_validate_json(text)
    except ValidationError as error:
        detail = error.errors()[0]
        place = ".".join(map(str, detail["loc"]))
        raise _damaged(path, f"{place}: {detail['msg']}") from None


def _refuse_later(path: Path, found: dict[str, Any]) -> None:
    number = found.get("format")
    if not isinstance(number, int) or isinstance(number, bool):
        raise _damaged(path, f"format: {quoted(number)} is no number")
    if number > FORMAT:
        raise ExplainError(
            f"{path}: format {number} is later than {FORMAT}, which this version reads "
            f"(axolotl-explain {found.get('axolotl_explain')} wrote it); upgrade "
            "axolotl-explain."
        )


def _damaged(path: Path, why: str) -> ExplainError:
    return ExplainError(
        f"{path}: {why}, so the file is damaged; restore it, or name the recipe of the "
        "training."
    )
