"""The whole check of a recipe: first the recipe, then Axolotl, then all rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from axolotl_explain.checking import ask_axolotl, known_to_axolotl
from axolotl_explain.checking.check_data import DataCheck, Progress
from axolotl_explain.checking.combinations import RECIPE_CHECKS, machine_of
from axolotl_explain.checking.finding import CheckResult, FindingCollector, split_place
from axolotl_explain.checking.gpu_memory import GpuMemory, check_memory
from axolotl_explain.checking.loss_checks import packed_together, trainers_beside
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
from axolotl_explain.recipe.scratch_model import ensure_scratch_model
from axolotl_explain.recipe.task_data import ensure_task_data
from axolotl_explain.support.overrides import expand
from axolotl_explain.support.yaml_file import read_mapping
from axolotl_explain.training.validate import Machine


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
            recipe = read_mapping(path, "a recipe")
        except ExplainError as error:
            findings.add("recipe-unreadable", path, str(error))
            return CheckResult(findings.list(), "cpu")
        try:
            expand(recipe)
        except ExplainError as error:
            findings.add("explain-block", *split_place(str(error), "explain"))
            findings.add("not-checked", "recipe", "everything else")
            return CheckResult(findings.list(), "cpu")
        kind = machine_of(recipe, ask_axolotl.has_gpu) if machine == "auto" else machine
        progress("reading the recipe", 0, 1)
        findings.extend(repeated_keys(Path(path).read_text("utf-8")))
        cfg = _RecipeCheck(recipe, kind, findings).run()
        data = DataCheck(recipe, findings, progress)
        memory = None
        if cfg is not None:
            data.run(cfg)
            if gpu is not None:
                finding, memory = check_memory(recipe, gpu)
                findings.extend([finding])
    return CheckResult(findings.list(), kind, data.rows, memory)


class _RecipeCheck:
    """The check of everything but the rows, while it runs."""

    def __init__(
        self, recipe: dict[str, Any], machine: Machine, findings: FindingCollector
    ) -> None:
        self.recipe = recipe
        self.machine = machine
        self.findings = findings

    def run(self) -> Any:
        """Axolotl's configuration of the recipe; None where it has none."""
        findings, recipe = self.findings, self.recipe
        findings.extend(malformed(recipe))
        if findings.has("axolotl-refuses"):
            return self._stop("everything else")
        for one in RECIPE_CHECKS:
            findings.extend(one(recipe, self.machine))
        plugins = recipe.get("plugins") or []
        findings.extend(known_to_axolotl.unimportable(plugins))
        if findings.has("plugin-not-importable"):
            return self._stop("keys, Axolotl's validation and rows")
        if needs_plugin(recipe):
            findings.add("plugin-missing", "plugins", f"without {PLUGIN}")
            recipe["plugins"] = plugins = [*plugins, PLUGIN]
        findings.extend(unknown_keys(recipe, known_to_axolotl.known_keys(plugins)))
        for where, entry in dataset_entries(recipe):
            known = known_to_axolotl.known_entry_keys(entry)
            findings.extend(unknown_keys(entry, known, where))
            if not known_to_axolotl.is_type(entry.get("type"), recipe.get("rl")):
                findings.add("type-unknown", f"{where}.type", str(entry.get("type")))
        self._make_data()
        findings.extend(missing_files(recipe))
        if findings.has("file-missing", "type-unknown", "made-data"):
            return self._stop("Axolotl's validation and rows")
        cfg, refusals_and_warnings = ask_axolotl.validate(recipe, self.machine)
        known = findings.places("misspelt-key")
        findings.extend(one for one in refusals_and_warnings if one.where not in known)
        if cfg is None:
            return self._stop("rows")
        findings.extend(trained_parts(recipe, cfg))
        findings.extend([*trainers_beside(cfg), *packed_together(cfg)])
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
