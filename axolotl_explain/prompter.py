"""Ask a trained model from one's own program: prompts, answers, grades.

    from axolotl_explain import Prompter

    prompter = Prompter("outputs/run")          # or Prompter("recipe.yml")
    prompter.messages("What is 3 + 4?")         # for a chat endpoint
    prompter.read(completion).answer            # what it answered

Importing this loads neither torch nor transformers. What is in `__all__` stays as it is
within a major version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import Level
from axolotl_explain.core.reply import Reply, before_end, read_reply
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.grading.flexible import Gold
from axolotl_explain.grading.judge import judge
from axolotl_explain.recipe.asked_of import prompts_of, recipe_for
from axolotl_explain.recipe.encoder_decoder import SEQ2SEQ
from axolotl_explain.recipe.explain_file import read_explain_file
from axolotl_explain.recipe.options import ExplainOptions, parse_options
from axolotl_explain.recipe.row_prompts import RowPrompts
from axolotl_explain.sources.questions import read_question
from axolotl_explain.sources.reader import RowReader
from axolotl_explain.sources.stream import stream_rows
from axolotl_explain.tasks.verdict import Verdict
from axolotl_explain.tokens.line_breaks import with_breaks

__all__ = ["Grade", "Prompter", "Reply", "Verdict", "read_examples"]

Row = str | Mapping[str, Any] | Example
"""A question, a row in the form of the training data or in the canonical one, or an
example. It needs no answer."""


@dataclass(frozen=True, slots=True)
class Grade:
    """Whether an answer is right.

    Attributes:
        exact_match: the whole answer behind the marker equals gold.
        flexible_match: the answer in any form, wherever the completion gives it.
    """

    exact_match: bool
    flexible_match: bool


class Prompter:
    """How a model is asked, and what its completions say.

    Args:
        source: a folder that training left, or the recipe it was trained with.
        data: of a recipe with several datasets, the path of the one that rows are read
            and asked by; the first without it.

    Raises:
        ExplainError: if the folder or recipe cannot be used.

    Example:
        >>> prompter = Prompter("recipes/cpu/lora.yml")
        >>> prompter.levels
        ('long',)
        >>> print(prompter.prompt("What is 3 + 4?"))
        ### Instruction:
        What is 3 + 4?
        <BLANKLINE>
        ### Response:
        <BLANKLINE>
    """

    def __init__(self, source: str | Path, *, data: str | None = None) -> None:
        self._data = data
        self._recipe = recipe_for(source)
        self._prompts: RowPrompts = prompts_of(self._recipe, data)
        folder = Path(source).is_dir()
        self._file = read_explain_file(source) if folder else None

    @property
    def type(self) -> str:
        """`axolotl_explain.instruct`, `.chat` or `.seq2seq`.

        >>> Prompter("recipes/cpu/lora.yml").type
        'axolotl_explain.instruct'
        """
        return self._prompts.type

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels that were trained, from the least explanation to the most.

        >>> Prompter("recipes/cpu/lora.yml").levels
        ('long',)
        """
        return self._prompts.levels

    def prompt(self, row: Row, level: Level | None = None) -> str:
        """The prompt of a row as text, as the model was trained on it.

        Of `axolotl_explain.chat` the tokenizer writes it, which is then loaded.

        Args:
            level: how much explanation is wanted; the most that was trained by default.

        Raises:
            ExplainError: for a row that cannot be read, or a level that prompts of
                this model cannot name.

        >>> prompter = Prompter("recipes/cpu/lora.yml")
        >>> prompt = prompter.prompt({"instruction": "Add.", "input": "3 4"})
        >>> prompt.partition("Add.")[2]
        '\\n\\n### Input:\\n3 4\\n\\n### Response:\\n'
        """
        one = self._row(row, level)
        if self._prompts.template is not None:
            return self._prompts.text(one)
        if self._file is None or not self._file.chat_template:
            return str(self._formatter.prompt(one))
        return str(
            self._tokenizer.apply_chat_template(
                self._prompts.messages(one),
                tokenize=False,
                add_generation_prompt=True,
                chat_template=self._file.chat_template,
                **self._file.chat_template_kwargs,
            )
        )

    def messages(self, row: Row, level: Level | None = None) -> list[dict[str, str]]:
        """The conversation to send to a chat endpoint that serves the model.

        With the chat template that training saves, it becomes the very prompt that was
        trained.

        Raises:
            ExplainError: as `prompt`; and where no conversation gives the prompt, as
                of an encoder–decoder model.

        >>> Prompter("recipes/cpu/lora.yml").messages("What is 3 + 4?")
        [{'role': 'user', 'content': 'What is 3 + 4?'}]
        """
        return self._prompts.messages(self._row(row, level))

    def read(self, completion: str, prompt: str = "") -> Reply:
        """Explanation and answer of a completion, which may hold its end token.

        Args:
            prompt: what it follows, as text; only needed where that opens thoughts or
                ends in the answer marker.

        >>> reply = Prompter("recipes/cpu/lora.yml").read("3 + 4 = 7\\nFinal answer: 7")
        >>> reply.explanation, reply.answer, reply.parsed
        ('3 + 4 = 7', '7', True)
        """
        if self._file is not None:
            completion = before_end(completion, self._file.end_tokens)
        if self._prompts.type == SEQ2SEQ:
            completion = with_breaks(completion, self._line_break)
        return read_reply(completion.strip(), self._prompts.layout, prompt)

    def grade(self, row: Row, reply: Reply | str) -> Grade:
        """Whether a reply, or the text of a completion, gives the answer of a row.

        Raises:
            ExplainError: if the row has no answer.

        >>> row = {"instruction": "Add.", "answer": "7"}
        >>> Prompter("recipes/cpu/lora.yml").grade(row, "Final answer: 7.0")
        Grade(exact_match=False, flexible_match=True)
        """
        example = self.example(row)
        if not example.answer:
            raise ExplainError("answer: the row has none to compare with.")
        reply = self.read(reply) if isinstance(reply, str) else reply
        gold = Gold.of(example.answer, example.meta.get("choices"))
        judged = judge(reply.completion, gold, self._prompts.layout, "")
        return Grade(judged.exact_match, judged.flexible_match)

    def verify(
        self, row: Row, reply: Reply | str, level: Level | None = None
    ) -> Verdict | None:
        """Whether every step of an explanation is right, of a generated problem.

        Returns:
            None where no task can tell.

        >>> row = {"instruction": "Add.", "answer": "7"}
        >>> Prompter("recipes/cpu/lora.yml").verify(row, "Final answer: 7") is None
        True
        """
        from axolotl_explain.tasks.verify_explanation import verify_explanation

        reply = self.read(reply) if isinstance(reply, str) else reply
        wanted = self._prompts.level(level)
        return verify_explanation(self.example(row), wanted, reply.explanation)

    def example(self, row: Row) -> Example:
        """A row as an example; its answer is empty where it has none.

        Raises:
            ExplainError: naming the field, for a row that cannot be read.

        >>> Prompter("recipes/cpu/lora.yml").example("What is 3 + 4?").instruction
        'What is 3 + 4?'
        """
        if isinstance(row, Example):
            return row
        if isinstance(row, str):
            return self._prompts.question(row)
        options = self._prompts.settings.options
        if "instruction" in row and options.columns is None:
            options = ExplainOptions()
        return read_question(options, options.seed, row)[0]

    def examples(self, path: str, split: str = "train") -> Iterator[Example]:
        """The examples of a file or hub dataset, read as in training, one by one.

        Rows need no answer.

        Raises:
            ExplainError: naming file, row and field.

        >>> prompter = Prompter("recipes/cpu/lora.yml")
        >>> next(prompter.examples("examples/movie_genres/test.jsonl")).answer
        'horror'
        """
        yield from _examples(path, self._prompts.settings.options, split)

    def _row(self, row: Row, level: Level | None) -> TrainingRow:
        return TrainingRow.of(self.example(row), self._prompts.level(level))

    @cached_property
    def _line_break(self) -> str:
        """What completions of an encoder–decoder model have for a line break."""
        if self._file is not None and self._file.line_break:
            return self._file.line_break
        return str(self._formatter.encoder.line_break)

    @cached_property
    def _tokenizer(self) -> Any:
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(self._recipe["tokenizer_config"])

    @cached_property
    def _formatter(self) -> Any:
        """What writes prompts in training, with the tokenizer that it loads."""
        from axolotl_explain.training.load import (
            load_config,
            load_strategy,
            load_tokenizer,
        )

        cfg = load_config(self._recipe)
        return load_strategy(cfg, load_tokenizer(cfg), self._data).formatter


def read_examples(path: str, *, split: str = "train", **options: Any) -> list[Example]:
    """The examples of a file or hub dataset of any shape that this package reads.

    Args:
        path: JSONL, JSON, CSV, TSV or Parquet, a folder, or a hub dataset.
        options: as below `explain:` in a recipe: `preset`, `columns`, `messages`,
            `several_explanations`, `on_bad_row`.

    Raises:
        ExplainError: naming file, row and field, or the option.

    >>> example = read_examples("examples/movie_genres/test.jsonl")[0]
    >>> example.answer, sorted(example.explanations)
    ('horror', ['long', 'medium', 'short'])
    """
    found = ExplainOptions(**parse_options(options, "read_examples"))
    return list(_examples(path, found, split))


def _examples(path: str, options: ExplainOptions, split: str) -> Iterator[Example]:
    read = partial(read_question, options, options.seed)
    reader = RowReader(options, options.seed, path, read)
    for examples in reader.all(stream_rows(path, split)):
        yield from examples
