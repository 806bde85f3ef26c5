"""Axolotl's own commands ask, or save, as training did.

`axolotl inference` sends what is typed as it stands unless the recipe names a chat
template, and `axolotl quantize` saves the tokenizer of the base model.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from axolotl.utils.logging import get_logger

from axolotl_explain.recipe.axolotl_commands import level_lines
from axolotl_explain.recipe.encoder_decoder import SEQ2SEQ
from axolotl_explain.recipe.explain_file import (
    FILE,
    read_explain_file,
    write_explain_file,
)
from axolotl_explain.tokens.served_template import seq2seq_template
from axolotl_explain.training.explain_folder import strategies_of

LOG = get_logger("axolotl.explain")


def ask_as_trained(cfg: Any) -> None:
    """Have `axolotl inference` put what is typed into the trained prompt."""
    from axolotl.loaders import load_tokenizer

    strategies = strategies_of(cfg, load_tokenizer(cfg))
    if not strategies:
        return
    first = strategies[0]
    template = first.formatter.served_template
    if first.entry["type"] == SEQ2SEQ:
        template = seq2seq_template(first.formatter.described["template"])
    if template is None:
        LOG.warning(
            "axolotl inference: mistral_common writes the trained prompt, which this "
            "command does not use; axolotl-explain predict --ask does"
        )
        return
    cfg.chat_template, cfg.chat_template_jinja = "jinja", template
    if lines := level_lines(first.settings.requests):
        LOG.info(f"axolotl inference: {lines}")


def keep_when_quantized() -> None:
    """Have `axolotl quantize` save the tokenizer of the trained folder. Idempotent."""
    from axolotl.cli import quantize

    load: Callable[..., Any] = quantize.load_tokenizer
    save: Callable[..., Any] = quantize.save_quantized_model
    if getattr(load, "keeps_what_was_trained", False):
        return
    folder = Path()

    @wraps(load)
    def load_trained(cfg: Any) -> Any:
        nonlocal folder
        folder = Path(cfg.output_dir)
        trained = (folder / FILE).is_file()
        if trained and (folder / "tokenizer_config.json").is_file():
            cfg.tokenizer_config = str(folder)
        return load(cfg)

    @wraps(save)
    def save_and_say(model: Any, path: Any, *args: Any, **keys: Any) -> Any:
        result = save(model, path, *args, **keys)
        if (folder / FILE).is_file():
            content = read_explain_file(folder)
            whole = content.model_copy(update={"adapter": None})
            write_explain_file(Path(path), whole)
        return result

    load_trained.keeps_what_was_trained = True  # type: ignore[attr-defined]
    quantize.load_tokenizer = load_trained
    quantize.save_quantized_model = save_and_say
