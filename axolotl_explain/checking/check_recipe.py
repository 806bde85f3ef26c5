"""The whole check of a recipe: first the recipe, then Axolotl, then all rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from axolotl_explain.checking import ask_axolotl
from axolotl_explain.checking.characters import USUAL_SPECIAL, text_checks
from axolotl_explain.checking.combinations import RECIPE_CHECKS, machine_of
from axolotl_explain.checking.dataset_scan import BATCH, DatasetScan, ScanContext
from axolotl_explain.checking.duplicates import Duplicates
from axolotl_explain.checking.evaluation_data import (
    check_evaluation_file,
    evaluation_files,
)
from axolotl_explain.checking.finding import CheckResult, FindingCollector, split_place
from axolotl_explain.checking.gpu_memory import GpuMemory, check_memory
from axolotl_explain.checking.rows_left import MOST_ROWS, no_batch
from axolotl_explain.checking.trained_parts import trained_parts
from axolotl_explain.checking.unknown_keys import unknown_keys
from axolotl_explain.checking.yaml_checks import (
    PLUGIN,
    dataset_entries,
    malformed,
    missing_files,
    needs_plugin,
    repeated_keys,
)
from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.carrier import from_entry
from axolotl_explain.recipe.dataset_entries import TYPES
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.recipe.scratch_model import MANIFEST, ensure_scratch_model
from axolotl_explain.recipe.task_data import ensure_task_data
from axolotl_explain.support.yaml_file import read_recipe
from axolotl_explain.training.load import load_tokenizer
from axolotl_explain.training.strategy import ExplainStrategy, entry_name, make_planner
from axolotl_explain.training.validate import VALIDATION_ERRORS, Machine

Progress = Callable[[str, int, int], None]
"""(what is being done, rows done, rows in all)."""


def check_recipe(
    path: str,
    machine: Literal["auto", "cpu", "gpu"] = "auto",
    progress: Progress = lambda doing, done, total: None,
    gpu: GpuMemory | None = None,
) -> CheckResult:
    """Look at a recipe and all its rows; load no model, use no network.

    A model from scratch and generated data that the recipe describes are made where
    they are not there yet, as training would make them.

    Args:
        machine: what it is to be trained on; auto: what its keys ask for.
        gpu: the memory that it is to fit.
    """
    findings = FindingCollector()
    with ask_axolotl.offline():
        try:
            recipe = read_recipe(path)
        except ExplainError as error:
            findings.add("recipe-unreadable", path, str(error))
            return CheckResult(findings.list(), "cpu")
        kind = machine_of(recipe, ask_axolotl.has_gpu) if machine == "auto" else machine
        progress("reading the recipe", 0, 1)
        findings.extend(repeated_keys(Path(path).read_text("utf-8")))
        run = _RecipeCheck(recipe, kind, findings, progress)
        cfg = run.recipe_alone()
        memory = None
        if cfg is not None:
            run.data(cfg)
            if gpu is not None:
                finding, memory = check_memory(recipe, gpu)
                findings.extend([finding])
    return CheckResult(findings.list(), kind, run.rows, memory)


class _RecipeCheck:
    """One check while it runs."""

    def __init__(
        self,
        recipe: dict[str, Any],
        machine: Machine,
        findings: FindingCollector,
        progress: Progress,
    ) -> None:
        self.recipe = recipe
        self.machine = machine
        self.findings = findings
        self.progress = progress
        self.rows: dict[str, int] = {}

    def recipe_alone(self) -> Any:
        """Everything but the rows; Axolotl's configuration, None where it has none."""
        findings, recipe = self.findings, self.recipe
        findings.extend(malformed(recipe))
        if findings.has("axolotl-refuses"):
            return self._stop("everything else")
        for one in RECIPE_CHECKS:
            findings.extend(one(recipe, self.machine))
        plugins = recipe.get("plugins") or []
        findings.extend(ask_axolotl.unimportable(plugins))
        if findings.has("plugin-not-importable"):
            return self._stop("keys, Axolotl's validation and rows")
        if needs_plugin(recipe):
            findings.add("plugin-missing", "plugins", f"without {PLUGIN}")
            recipe["plugins"] = plugins = [*plugins, PLUGIN]
        findings.extend(unknown_keys(recipe, ask_axolotl.known_keys(plugins)))
        for where, entry in dataset_entries(recipe):
            known = ask_axolotl.known_entry_keys(entry)
            findings.extend(unknown_keys(entry, known, where))
            if not ask_axolotl.is_type(entry.get("type"), recipe.get("rl")):
                findings.add("type-unknown", f"{where}.type", str(entry.get("type")))
        self._make_data()
        findings.extend(missing_files(recipe))
        if findings.has("file-missing", "type-unknown", "made-data"):
            return self._stop("Axolotl's validation and rows")
        cfg, refusals_and_warnings = ask_axolotl.validate(recipe, self.machine)
        findings.extend(refusals_and_warnings)
        if cfg is None:
            return self._stop("rows")
        findings.extend(trained_parts(recipe, cfg))
        return cfg

    def _stop(self, what: str) -> None:
        self.findings.add("not-checked", "recipe", what)

    def _make_data(self) -> None:
        try:
            if self.recipe.get("task_data") is not None:
                ensure_task_data(self.recipe["task_data"])
            if self.recipe.get("scratch_model") is not None:
                model = self.recipe.get("base_model")
                ensure_scratch_model(self.recipe["scratch_model"], model)
        except ExplainError as error:
            self.findings.add("made-data", *split_place(str(error), "recipe"))

    def data(self, cfg: Any) -> None:
        """All rows of all datasets of ours; training data come first."""
        tokenizer, tokens = self._tokenizer(cfg)
        duplicates = Duplicates(self.findings)
        shared = ScanContext(
            self.findings,
            duplicates,
            text_checks(tokens),
            packed=bool(cfg.sample_packing) and not cfg.streaming,
        )
        for where, entry in dataset_entries(cfg):
            if entry["type"] not in TYPES:
                kind = f"type {entry['type']} is not of this package."
                self.findings.add("not-checked", where, kind)
                continue
            strategy = self._strategy(cfg, tokenizer, where, entry)
            if strategy is not None:
                self._notices(where, strategy)
            self._scan(entry, cfg.seed, strategy, shared)
        names = {entry_name(entry) for entry in cfg.datasets or []}
        if names and names <= self.rows.keys():
            counted = [] if shared.too_many else shared.lengths
            self.findings.extend(no_batch(cfg, counted, duplicates.num_trained))
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
        scan = DatasetScan(name, settings, planner, fitter, shared)
        shared.duplicates.begin()
        for start in range(0, len(rows), BATCH):
            self.progress(f"checking {name}", start, len(rows))
            scan.rows(rows[start : start + BATCH], start)
        scan.finish()
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
