"""What prompts say, and how long a training row may be."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from axolotl_explain.core.levels import Level
from axolotl_explain.core.target import Task


class PromptOptions(BaseModel):
    """The keys of an `explain:` block that a formatter reads."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    level_request: Literal["auto", "always", "never"] = Field(
        default="auto",
        description="whether the prompt says how much explanation is wanted; auto: "
        "where the recipe trains on more than one level",
    )
    level_requests: dict[Level, str] = Field(
        default_factory=dict,
        description="your own words for the request, per level",
    )
    task_requests: dict[Task, str] = Field(
        default_factory=dict,
        description="order: multitask: your own words for predict and explain",
    )
    template: str | None = Field(
        default=None,
        description="axolotl_explain.instruct and .seq2seq: a jinja2 template of the "
        "prompt with instruction, input, id, meta, system and history",
    )
    system: str | None = Field(
        default=None,
        description="axolotl_explain.chat: a system prompt, for rows without their own",
    )
    thinking: bool = Field(
        default=False,
        description="axolotl_explain.chat: put the explanation in the template's "
        "reasoning field",
    )
    on_too_long: Literal["drop", "shorten", "error"] = Field(
        default="drop",
        description="where a row exceeds sequence_len: drop it, shorten the "
        "explanation at a sentence or line (the answer is always kept), or error",
    )
    max_target_tokens: int | None = Field(
        default=None,
        ge=1,
        description="axolotl_explain.seq2seq: how long a target may be, the end "
        "included; without it, sequence_len, which limits the prompt",
    )
    line_break: str | None = Field(
        default=None,
        min_length=1,
        description="axolotl_explain.seq2seq: what a target has for a line break; "
        "without it, ' | ' where the tokenizer knows none, as that of T5",
    )
