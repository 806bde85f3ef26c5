"""All rows that a recipe names: read, scanned, and compared with each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from axolotl_explain.checking import ask_axolotl
from axolotl_explain.checking.characters import USUAL_SPECIAL, text_checks
from axolotl_explain.checking.dataset_scan import BATCH, DatasetScan, ScanContext
from axolotl_explain.checking.duplicates import Duplicates
from axolotl_explain.checking.evaluation_data import (
    check_evaluation_file,
    evaluation_files,
)
from axolotl_explain.checking.finding import FindingCollector, split_place
from axolotl_explain.checking.loss_checks import (
    unequal_tokens,
    wants_lengths,
    without_explanations,
)
from axolotl_explain.checking.rows_left import MOST_ROWS, no_batch
from axolotl_explain.checking.target_lengths import TargetLengths
from axolotl_explain.checking.yaml_checks import dataset_entries
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.carrier import from_entry
from axolotl_explain.recipe.dataset_entries import TYPES
from axolotl_explain.recipe.files import missing_file
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.recipe.scratch_model import MANIFEST
from axolotl_explain.training.load import load_tokenizer
from axolotl_explain.training.strategy import ExplainStrategy, entry_name, make_planner
from axolotl_explain.training.validate import VALIDATION_ERRORS

Progress = Callable[[str, int, int], None]
"""(what is being done, rows done, rows in all)."""


class DataCheck:
    """The check of a recipe's rows while it runs.

    Attributes:
        rows: data file -> number of its rows that were looked at.
    """

    def __init__(
        self, recipe: Mapping[str, Any], findings: FindingCollector, progress: Progress
    ) -> None:
        self.recipe = recipe
        self.findings = findings
        self.progress = progress
        self.rows: dict[str, int] = {}

    def run(self, cfg: Any) -> None:
        """All rows of all datasets of ours; training data come first."""
        tokenizer, tokens = self._tokenizer(cfg)
        duplicates = Duplicates(self.findings)
        shared = ScanContext(
            self.findings,
            duplicates,
            text_checks(tokens),
            packed=bool(cfg.sample_packing) and not cfg.streaming,
            targets=TargetLengths(wants_lengths(cfg)),
            least=0 if cfg.streaming else int(cfg.min_sample_len or 0),
        )
        for where, entry in dataset_entries(cfg):
            if entry["type"] not in TYPES:
                kind = f"type {entry['type']} is not of this package."
                self.findings.add("other-strategy", where, kind)
                continue
            strategy = self._strategy(cfg, tokenizer, where, entry)
            if strategy is not None:
                self._notices(where, strategy)
            if not self._is_gone(cfg, where, entry, tokenizer):
                self._scan(entry, cfg.seed, strategy, shared)
        names = {entry_name(entry) for entry in cfg.datasets or []}
        if names and names <= self.rows.keys():
            counted = [] if shared.too_many else shared.lengths
            self.findings.extend(no_batch(cfg, counted, duplicates.num_trained))
            self.findings.extend(unequal_tokens(cfg, shared.targets.rows))
            self.findings.extend(without_explanations(cfg, shared.targets.explained))
        for path in evaluation_files(cfg):
            self._evaluated(path, cfg, duplicates)
        self.progress("comparing rows", 0, 1)
        duplicates.finish()

    def _tokenizer(self, cfg: Any) -> tuple[Any, Any]:
        """The tokenizer, None where it is not here, and the tokens to look for."""
        name = cfg.tokenizer_config
        try:
            tokenizer = load_tokenizer(cfg)
        except (*VALIDATION_ERRORS, OSError) as error:
            code = (
                "strategy-refuses"
                if ask_axolotl.is_here(name)
                else "tokenizer-unavailable"
            )
            cause = str(error).strip().partition("\n")[0]
            self.findings.add(code, "base_model", f"{name}: {cause}")
            return None, USUAL_SPECIAL
        self.findings.extend(ask_axolotl.context_length(cfg))
        return tokenizer, ask_axolotl.special_tokens(tokenizer)

    def _strategy(
        self, cfg: Any, tokenizer: Any, where: str, entry: Any
    ) -> ExplainStrategy | None:
        if tokenizer is None:
            return None
        try:
            return ask_axolotl.entry_strategy(cfg, tokenizer, entry)
        except VALIDATION_ERRORS as error:
            key, message = split_place(str(error), where)
            self.findings.add(REFUSED.get(key, "strategy-refuses"), key, message)
            return None

    def _notices(self, where: str, strategy: ExplainStrategy) -> None:
        """What training says of the prompts; a made model never chatted before."""
        if where.startswith("test_datasets"):
            return
        made = Path(str(self.recipe.get("base_model")), MANIFEST).is_file()
        for code, message, _ in strategy.formatter.notices():
            if not (made and code == "chat-model-as-instruct"):
                self.findings.add(code, where, message)

    def _is_gone(self, cfg: Any, where: str, entry: Any, tokenizer: Any) -> bool:
        """Whether files that rows were prepared from are not there any more."""
        missing = missing_file(entry)
        if missing is None:
            return False
        split = cfg.datasets if where.startswith("datasets") else cfg.test_datasets
        if tokenizer is not None and ask_axolotl.is_prepared(cfg, split, tokenizer):
            self.findings.add("rows-prepared", where, missing.path)
        else:
            message = (
                f"{missing.path}: and no data were prepared from it with these very "
                "options."
            )
            self.findings.add("file-missing", f"{where}.{missing.key}", message)
        return True

    def _scan(
        self,
        entry: Mapping[str, Any],
        seed: int,
        strategy: ExplainStrategy | None,
        shared: ScanContext,
    ) -> None:
        name, settings = entry_name(entry), from_entry(entry)
        self.progress(f"reading {name}", 0, 1)
        try:
            rows = ask_axolotl.read_entry(entry, seed)
        except ExplainError as error:
            here = entry.get("data_files") or ask_axolotl.is_here(entry["path"])
            code = "data-unreadable" if here else "data-unavailable"
            message = _without_place(str(error), str(entry["path"]))
            self.findings.add(code, name, message)
            return
        if strategy is None:
            planner = make_planner(name, _without_tokens(settings.options))
            fitter = None
        else:
            planner, fitter = strategy.encoder(rows).planner, strategy.fitter
        shared.too_many |= settings.split == "train" and len(rows) > MOST_ROWS
        if settings.split == "train":
            shared.targets.begin(name, len(rows))
        scan = DatasetScan(name, settings, planner, fitter, shared)
        shared.duplicates.begin()
        for start in range(0, len(rows), BATCH):
            self.progress(f"checking {name}", start, len(rows))
            scan.rows(rows[start : start + BATCH], start)
        scan.finish()
        shared.targets.end(fitter)
        self.rows[name] = self.rows.get(name, 0) + scan.num_rows

    def _evaluated(self, path: str, cfg: Any, duplicates: Duplicates) -> None:
        self.progress(f"reading {path}", 0, 1)
        try:
            check_evaluation_file(path, cfg, self.findings, duplicates)
        except ExplainError as error:
            here = ask_axolotl.is_here(path)
            code = "data-unreadable" if here else "data-unavailable"
            self.findings.add(code, path, _without_place(str(error), path))


def _without_place(message: str, path: str) -> str:
    """A message without the file that it begins with, since the finding names it."""
    return message.removeprefix(f"{path}: ")


REFUSED = {
    "explain.thinking": "thinking-lost",
    "explain.template": "template-faulty",
    "explain.answer_marker": "marker-changed",
}
"""Place that a strategy's error names first -> code of the finding."""


def _without_tokens(options: ExplainOptions) -> ExplainOptions:
    """Options under which rows can be planned without a tokenizer.

    Levels cannot be derived then, so that explanations stay at the level they have.
    """
    if options.derive_levels is None:
        return options
    changes = {"derive_levels": None, "on_missing_level": "nearest"}
    return options.model_copy(update=changes)
