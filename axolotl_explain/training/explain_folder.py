"""`explain.json` and the chat template of a trained folder: found out and written.

Training writes the file as it begins, so that a run that is stopped leaves it too, and
into each checkpoint. The chat template is given to the tokenizer, which is saved with
each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any

from axolotl.utils.logging import get_logger
from jinja2 import TemplateError
from transformers import TrainerCallback

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.core.example import Example
from axolotl_explain.core.levels import LEVELS, Level
from axolotl_explain.core.target import EXPLAIN_REQUESTS, LEVEL_REQUESTS, TASK_REQUESTS
from axolotl_explain.core.training_row import TrainingRow
from axolotl_explain.recipe.carrier import DatasetSettings
from axolotl_explain.recipe.dataset_entries import TYPES
from axolotl_explain.recipe.explain_file import ExplainFile, write_explain_file
from axolotl_explain.recipe.folder_recipe import LOADING, TRAINED_IN
from axolotl_explain.recipe.internalise_options import internalise_block
from axolotl_explain.recipe.model_card import QUESTION as CARD_QUESTION
from axolotl_explain.recipe.model_card import add_to_card
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.sources.options import SourceOptions
from axolotl_explain.tokens.encoder import Encoder
from axolotl_explain.tokens.formatter import TextFormatter
from axolotl_explain.training.strategy import ExplainStrategy

LOG = get_logger("axolotl.explain")

ROWS = (*SourceOptions.model_fields, "derive_levels")
"""Options that say how rows become examples, and what levels mean in them."""

QUESTIONS = (Example("What is the sum?", "7", "3 + 4"), Example("What is 3 + 4?", "7"))
"""Asked once, to see that a chat endpoint asks as training did."""


class WriteExplainFile(TrainerCallback):  # type: ignore[misc]
    """Writes the file into the output folder and each checkpoint; one process does."""

    def __init__(self, content: ExplainFile) -> None:
        self.content = content

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.is_world_process_zero:
            folder = Path(args.output_dir)
            folder.mkdir(parents=True, exist_ok=True)
            write_explain_file(folder, self.content)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        if state.is_world_process_zero and folder.is_dir():
            write_explain_file(folder, self.content)


def say_how_to_ask(
    cfg: Any, trainer: Any, strategies: list[ExplainStrategy]
) -> list[TrainerCallback]:
    """Have a trainer save with its model how to ask it; none of ours: nothing."""
    if not strategies:
        return []
    tokenizer = trainer.processing_class
    longest = longest_target(trainer.train_dataset)
    content = content_of(cfg, tokenizer, strategies, longest)
    serve_as_trained(strategies, tokenizer)
    prompts = card_prompts(strategies[0], content.levels)
    begin = "" if content.kind == "seq2seq" else begin_of(tokenizer)
    create: Callable[..., None] = trainer.create_model_card

    @wraps(create)
    def create_with_section(*args: Any, **keys: Any) -> None:
        create(*args, **keys)
        if trainer.is_world_process_zero():
            add_to_card(Path(trainer.args.output_dir), content, prompts, begin)

    trainer.create_model_card = create_with_section
    return [WriteExplainFile(content)]


def strategies_of(cfg: Any, tokenizer: Any) -> list[ExplainStrategy]:
    """The strategy of each training dataset of ours, in the order of the recipe."""
    from axolotl.prompt_strategies import load

    found = [
        load(entry["type"], tokenizer, cfg, entry)
        for entry in cfg.datasets or []
        if entry["type"] in TYPES
    ]
    return [one for one in found if isinstance(one, ExplainStrategy)]


def content_of(
    cfg: Any,
    tokenizer: Any,
    strategies: list[ExplainStrategy],
    longest_target: int | None = None,
) -> ExplainFile:
    """What the file of a recipe says, of which there are strategies.

    Of several datasets the first counts, as it does where another file is asked; those
    that ask in another way are named in the log.
    """
    first, *others = strategies
    asks = _ways_of_asking(first)
    for one in others:
        if _ways_of_asking(one) != asks:
            LOG.warning(
                f"{one.name}: it asks in another way than {first.name}, which is what "
                "explain.json and the chat template of the saved model say"
            )
    alike = [one for one in strategies if _ways_of_asking(one) == asks]
    settings, formatter = first.settings, first.formatter
    ends = formatter.stop_ids
    return ExplainFile(
        type=first.entry["type"],
        base_model=str(cfg.base_model),
        adapter=cfg.adapter or None,
        levels=_levels(one.settings.options for one in alike),
        asks_for_level=settings.asks_for_level,
        requests=settings.requests,
        **_words(settings),
        order=settings.options.order,
        answer_marker=settings.options.answer_marker,
        **formatter.described,
        chat_template=formatter.served_template,
        end_ids=tuple(ends),
        end_tokens=tuple(map(str, tokenizer.convert_ids_to_tokens(ends))),
        longest_target=longest_target,
        rows=settings.options.model_dump(
            mode="json", include=set(ROWS), exclude_none=True
        ),
        internalise=_internalise(cfg, settings),
        loading=_loading(cfg),
    )


def serve_as_trained(strategies: list[ExplainStrategy], tokenizer: Any) -> None:
    """Give the tokenizer, which is saved with the model, its chat template.

    The log says where a chat endpoint gets other ids than training.
    """
    first = strategies[0]
    template = first.formatter.served_template
    if template is None or not hasattr(tokenizer, "chat_template"):
        return
    tokenizer.chat_template = template
    if why := _asks_otherwise(first, tokenizer):
        LOG.warning(
            f"{first.name}: {why}; send such prompts as text, to the endpoint of "
            "completions"
        )


def longest_target(dataset: Any) -> int | None:
    """The most tokens that the labels of a row have; None where that cannot be told."""
    import numpy as np
    import pyarrow as pa

    table = getattr(getattr(dataset, "data", None), "table", None)
    if table is None or "labels" not in table.column_names:
        return None
    longest = 0
    for chunk in table.column("labels").chunks:
        offsets = np.asarray(chunk.offsets)
        if len(offsets) < 2:
            continue
        values = np.asarray(pa.compute.fill_null(chunk.values, -100))
        trained = np.concatenate([[0], np.cumsum(values != -100)])
        longest = max(longest, int(np.diff(trained[offsets]).max()))
    return longest or None


def _asks_otherwise(strategy: ExplainStrategy, tokenizer: Any) -> str:
    """Why a chat endpoint would ask in another way than training; empty if it asks so.

    Tried with two questions, of which a template may be for one alone.
    """
    formatter = strategy.formatter
    why = []
    for example in QUESTIONS:
        row = TrainingRow.of(example, "none")
        try:
            (trained,) = formatter.prompts([row])
        except ExplainError as error:
            why.append(str(error).rstrip("."))
            continue
        try:
            served = tokenizer.apply_chat_template(
                formatter.messages(row), add_generation_prompt=True, return_dict=True
            )
        except (ExplainError, TemplateError) as error:
            return str(error).rstrip(".")
        if list(served["input_ids"]) != trained:
            return "with this tokenizer a chat endpoint gets other ids than training"
    return why[0] if len(why) == len(QUESTIONS) else ""


def _ways_of_asking(strategy: ExplainStrategy) -> tuple[Any, ...]:
    settings = strategy.settings
    options = settings.options
    described = sorted(strategy.formatter.described.items(), key=lambda pair: pair[0])
    return (
        strategy.entry["type"],
        settings.requests,
        options.layout,
        described,
        strategy.formatter.served_template,
    )


def _levels(several: Iterable[ExplainOptions]) -> tuple[Level, ...]:
    found: set[Level] = set()
    for options in several:
        found |= options.levels_in_play or set(LEVELS)
    return tuple(level for level in LEVELS if level in found)


def _words(settings: DatasetSettings) -> dict[str, Any]:
    """The requests as a recipe would have to spell them, default ones included."""
    options = settings.options
    multitask = options.order == "multitask"
    own = EXPLAIN_REQUESTS if multitask else LEVEL_REQUESTS
    asks = settings.asks_for_level
    return {
        "level_requests": {**own, **options.level_requests} if asks else {},
        "task_requests": {**TASK_REQUESTS, **options.task_requests}
        if multitask
        else {},
    }


def _internalise(cfg: Any, settings: DatasetSettings) -> dict[str, Any] | None:
    """The block of a recipe whose stage takes something away, as far as it says so."""
    block = internalise_block(cfg)
    if block is None or settings.cut is None:
        return None
    return block.model_dump(mode="json", exclude_defaults=True)


def _loading(cfg: Any) -> dict[str, Any]:
    found = {key: cfg.get(key) for key in LOADING}
    loading = {key: value for key, value in found.items() if value is not None}
    trained_in = str(cfg.torch_dtype).removeprefix("torch.")
    return {**loading, TRAINED_IN: trained_in}


def begin_of(tokenizer: Any) -> str:
    """The token that a tokenizer puts before every text; empty where it puts none."""
    return Encoder(tokenizer, special_tokens=True).frame[0]


def card_prompts(
    strategy: ExplainStrategy, levels: Iterable[Level]
) -> dict[Level, str]:
    """Level -> the prompt of the card's question; one where prompts say no level."""
    formatter = strategy.formatter
    if not isinstance(formatter, TextFormatter):
        return {}
    wanted = list(levels) if strategy.settings.requests else list(levels)[-1:]
    example = Example(CARD_QUESTION, "7")
    try:
        return {
            level: formatter.prompt(TrainingRow.of(example, level)) for level in wanted
        }
    except ExplainError:
        # A template for rows that have more than a question.
        return {}
