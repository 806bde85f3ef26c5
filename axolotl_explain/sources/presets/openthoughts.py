"""OpenThoughts: long traces of thinking, with solutions.

    {"system": "Your role is to think in <|begin_of_thought|> …",
     "conversations": [
       {"from": "user", "value": "What is 3 + 4?"},
       {"from": "assistant", "value": "<|begin_of_thought|>3, then 4 more.
          <|end_of_thought|><|begin_of_solution|>It is \\\\boxed{7}.
          <|end_of_solution|>"}]}

Later versions write `<think>`; the table with metadata has the columns `problem`,
`deepseek_reasoning` and `deepseek_solution` instead. The thinking is long, the solution
medium, its box the answer; without a box, as for programs, the solution is the answer.
A system prompt that asks for these tags is left out, since the target has none.
"""

from __future__ import annotations

from dataclasses import replace

from axolotl_explain.sources.draft import Draft
from axolotl_explain.sources.messages import MessagesOptions, read_messages
from axolotl_explain.sources.presets.boxed import boxed_or_whole
from axolotl_explain.sources.presets.preset import Fields, Preset

CONVERSATION = MessagesOptions(column="conversations")
TAGS = ("begin_of_thought", "<think>")


def read(row: Fields) -> Draft:
    """The question and both parts of its answer."""
    conversations = row.value("conversations")
    if conversations is None:
        solution, thoughts = row.needed("solution"), row.texts("reasoning")
        said = Draft(row.needed("problem"), solution, id=row.text("id"))
    else:
        whole = {"conversations": conversations, "system": row.text("system")}
        said = read_messages({**whole, "id": row.text("id")}, CONVERSATION)
        solution, thoughts = said.answer, [*said.explanations["long"]]
    answer = boxed_or_whole(solution)
    medium = [] if answer == solution else [solution]
    asks_for_tags = any(tag in said.system for tag in TAGS)
    return replace(
        said,
        answer=answer,
        explanations={"medium": medium, "long": thoughts},
        system="" if asks_for_tags else said.system,
    )


PRESET = Preset(
    columns={
        "conversations": ("conversations", "messages"),
        "system": ("system",),
        "problem": ("problem", "question"),
        "reasoning": ("deepseek_reasoning", "reasoning"),
        "solution": ("deepseek_solution", "solution"),
        "id": ("id",),
    },
    levels=("medium", "long"),
    read=read,
    parts={"system": "system", "id": "id"},
    any_answer={"solution": "-"},
)
