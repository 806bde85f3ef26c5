"""What Axolotl's merge of an adapter takes from the base model, and should not.

It copies tokenizer and generation config of the base model; a merged model has to end
where the adapter was trained to end, and a server has to ask it in the same way.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from axolotl_explain.recipe.explain_file import (
    FILE,
    read_explain_file,
    write_explain_file,
)
from axolotl_explain.recipe.files import TOKENIZER_FILES
from axolotl_explain.training.ends import FILE as GENERATION

MERGED = "merged"
"""The folder inside of `output_dir` that Axolotl merges into."""


def keep_in_merges() -> None:
    """Have Axolotl's merge take what an adapter was trained with. Idempotent."""
    from axolotl.cli import merge_lora

    merge: Callable[..., Any] = merge_lora.do_merge_lora
    if getattr(merge, "keeps_what_was_trained", False):
        return

    @wraps(merge)
    def merged(*, cfg: Any) -> Any:
        result = merge(cfg=cfg)
        complete_merge(Path(cfg.lora_model_dir), Path(cfg.output_dir) / MERGED)
        return result

    merged.keeps_what_was_trained = True  # type: ignore[attr-defined]
    merge_lora.do_merge_lora = merged


def complete_merge(adapter: Path, merged: Path) -> None:
    """Copy ends, tokenizer and `explain.json` of an adapter beside a merged model."""
    if not merged.is_dir():
        return
    if (adapter / GENERATION).is_file():
        shutil.copy2(adapter / GENERATION, merged / GENERATION)
    if not (adapter / FILE).is_file():
        return
    for pattern in TOKENIZER_FILES:
        for file in adapter.glob(pattern):
            if file.is_file() and not file.name.startswith("tokens_state"):
                shutil.copy2(file, merged / file.name)
    content = read_explain_file(adapter)
    write_explain_file(merged, content.model_copy(update={"adapter": None}))
