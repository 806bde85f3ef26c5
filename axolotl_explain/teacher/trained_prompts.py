"""A teacher that was trained with this package is asked as its training asked."""

from __future__ import annotations

from dataclasses import dataclass, replace

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import EXPLAINED, Level
from axolotl_explain.core.reply import before_end
from axolotl_explain.core.target import TargetFormat
from axolotl_explain.core.thoughts import split_thoughts
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.recipe.asked_of import prompts_of
from axolotl_explain.recipe.explain_file import ExplainFile, read_explain_file
from axolotl_explain.recipe.folder_recipe import folder_recipe
from axolotl_explain.recipe.row_prompts import RowPrompts
from axolotl_explain.servers.server_reply import ServerReply
from axolotl_explain.teacher.prompt_files import Asked


@dataclass(frozen=True, slots=True)
class TrainedPrompts:
    """The prompts of a trained folder.

    Attributes:
        said: what the folder says of itself.
        as_text: whether it is sent the whole prompt, in place of a conversation.
    """

    prompts: RowPrompts
    said: ExplainFile
    as_text: bool = False

    @property
    def layout(self) -> TargetFormat:
        """How its answers are found."""
        return self.prompts.layout

    @property
    def shortens(self) -> bool:
        """Each level is asked for by itself, as it was trained."""
        return False

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels that it can explain at."""
        return tuple(level for level in EXPLAINED if level in self.prompts.levels)

    def explain(self, example: Example, level: Level) -> Asked:
        """The trained prompt, or the conversation that gives it."""
        asked = replace(example, answer="", explanations={})
        row = TrainingRow.of(asked, level)
        return self.prompts.text(row) if self.as_text else self.prompts.messages(row)

    def shorten(self, example: Example, level: Level, explanation: str) -> Asked:
        """The same: no training asks for the shorter form of a text."""
        return self.explain(example, level)

    def hint(self, example: Example, level: Level) -> Asked:
        """No training shows the answer.

        Raises:
            ExplainError: always.
        """
        raise ExplainError(
            "--hint: a model that is asked as it was trained is never shown an answer; "
            "leave out --hint or --asked-as."
        )

    def completion(self, reply: ServerReply) -> str:
        """What counts of a reply; thoughts do where they were trained to explain."""
        if self.said.thinking:
            return before_end(reply.with_thought, self.said.end_tokens).strip()
        text = before_end(reply.text, self.said.end_tokens)
        return split_thoughts(text).said.strip()


def trained_prompts(folder: str, as_text: bool = False) -> TrainedPrompts:
    """How a trained folder is asked for explanations.

    Args:
        as_text: whether it is sent the whole prompt, in place of a conversation.

    Raises:
        ExplainError: if the folder says nothing of its training, or was trained to
            explain nothing.
    """
    said = read_explain_file(folder)
    found = TrainedPrompts(prompts_of(folder_recipe(folder)), said, as_text)
    if said.order == "multitask" or not found.levels:
        why = "explains apart from its answers" if found.levels else "explains nothing"
        raise ExplainError(
            f"--asked-as {folder}: this model {why}, so there is no explanation whose "
            "answer could be compared; take another teacher."
        )
    return found
