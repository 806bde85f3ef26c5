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
from axolotl_explain.teacher.prompt_files import Messages


@dataclass(frozen=True, slots=True)
class TrainedPrompts:
    """The prompts of a trained folder.

    Attributes:
        said: what the folder says of itself.
    """

    prompts: RowPrompts
    said: ExplainFile

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

    def explain(self, example: Example, level: Level) -> Messages:
        """The conversation that gives the trained prompt."""
        asked = replace(example, answer="", explanations={})
        return self.prompts.messages(TrainingRow.of(asked, level))

    def shorten(self, example: Example, level: Level, explanation: str) -> Messages:
        """The same: no training asks for the shorter form of a text."""
        return self.explain(example, level)

    def hint(self, example: Example, level: Level) -> Messages:
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


def trained_prompts(folder: str) -> TrainedPrompts:
    """How a trained folder is asked for explanations.

    Raises:
        ExplainError: if the folder says nothing of its training, or was trained to
            explain nothing.
    """
    said = read_explain_file(folder)
    found = TrainedPrompts(prompts_of(folder_recipe(folder)), said)
    if said.order == "multitask" or not found.levels:
        why = "explains apart from its answers" if found.levels else "explains nothing"
        raise ExplainError(
            f"--asked-as {folder}: this model {why}, so there is no explanation whose "
            "answer could be compared; take another teacher."
        )
    return found
