"""Recipes give the tokens, labels and counts that they gave when last recorded.

What a recipe trains on must not change by accident: models, prepared data and results
of others would silently no longer be comparable. `same_tokens` says how, and when, the
records may be written anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from axolotl.integrations.config import merge_input_args

from axolotl_explain import ExplainError
from tests.fixtures.bench import ROOT, Bench, entry
from tests.fixtures.families import make_family
from tests.fixtures.family_table import FAMILIES
from tests.fixtures.other_families import OTHERS
from tests.fixtures.tokenizers import MISTRAL_FILES
from tests.training.same_tokens.case import Case, Entry
from tests.training.same_tokens.cases import CASES
from tests.training.same_tokens.record import difference, record, without_places
from tests.training.same_tokens.rows import write_rows

RECORDS = Path(__file__).parent / "same_tokens"
ANEW = bool(os.environ.get("RECORD_SAME_TOKENS"))
RECORDED = {case.tokenizer for case in CASES.values()}
Records = dict[str, dict[str, Any]]
same_plugins = cache(merge_input_args)


@pytest.fixture(autouse=True)
def quick_config(monkeypatch: pytest.MonkeyPatch) -> None:
    """Axolotl makes the class that checks a recipe once; it takes most of the time."""
    monkeypatch.setattr("axolotl.utils.config.merge_input_args", same_plugins)


@pytest.fixture(scope="module")
def places(
    tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, tiny_t5: Path
) -> dict[str, tuple[Path, dict[str, Any]]]:
    """Name of a tokenizer -> its base model, and what a recipe says beside that."""
    folder = tmp_path_factory.mktemp("places")
    found: dict[str, tuple[Path, dict[str, Any]]] = {"bpe": (tiny_model, {})}
    # Training a unigram tokenizer gives other pieces in each process.
    shutil.copytree(tiny_t5, folder / "t5")
    shutil.copytree(RECORDS / "t5", folder / "t5", dirs_exist_ok=True)
    found["t5"] = folder / "t5", {}
    for name, file in MISTRAL_FILES.items():
        keys = {"tokenizer_config": str(file), "tokenizer_use_mistral_common": True}
        found[name] = tiny_model, keys
    for name, family in {**FAMILIES, **OTHERS}.items():
        if name in RECORDED:
            make_family(family, folder / name)
            found[name] = folder / name, {}
    return found


@pytest.fixture(scope="module")
def records() -> Iterator[Records]:
    """Group -> name of a case -> its record; written back where they are made anew."""
    names = sorted({case.partition("/")[0] for case in CASES})
    files = {name: RECORDS / f"{name}.json" for name in names}
    found: Records = {
        name: json.loads(file.read_text("utf-8")) if file.is_file() else {}
        for name, file in files.items()
    }
    yield found
    if ANEW:
        for name, file in files.items():
            known = {
                case: found[name][case]
                for group, _, case in (key.partition("/") for key in CASES)
                if group == name and case in found[name]
            }
            text = json.dumps(known, ensure_ascii=False, indent=1)
            file.write_text(f"{text}\n", "utf-8")


def found_by(
    case: Case, bench: Bench, log: list[str]
) -> tuple[dict[str, Any], Callable[[list[int]], str] | None]:
    """What a recipe gives, datasets and log or why it is refused; ids -> text."""
    keys = {"explain": case.explain, **case.keys}
    keys["datasets"] = [as_entry(one, bench.folder) for one in case.datasets]
    if case.tests:
        keys["test_datasets"] = [as_entry(one, bench.folder) for one in case.tests]
    found: dict[str, Any] = {}
    decode = None
    try:
        prepared = getattr(bench, case.way)(**keys)
    except ExplainError as error:
        found["refused"] = without_places(str(error), (bench.folder, ROOT))
    else:
        decode = prepared.tokenizer.decode
        found["vocabulary"] = digest(prepared.tokenizer)
        found["train"] = record(prepared.train, prepared.tokenizer)
        if prepared.evaluation is not None:
            found["evaluation"] = record(prepared.evaluation, prepared.tokenizer)
    found["log"] = [without_places(line, (bench.folder, ROOT)) for line in log]
    return found, decode


def as_entry(one: Entry, folder: Path) -> dict[str, Any]:
    found = entry("", one.kind, **one.keys) | write_rows(one.rows, folder)
    return found | ({"type": "alpaca"} if one.kind == "alpaca" else {})


def digest(tokenizer: Any) -> str:
    """Of a vocabulary; where it differs, so does every row that is written in it."""
    pieces = sorted(tokenizer.get_vocab().items(), key=lambda pair: pair[1])
    return hashlib.sha256(repr(pieces).encode()).hexdigest()[:16]


@pytest.mark.parametrize("name", CASES)
def test_a_recipe_gives_the_tokens_labels_and_counts_of_its_record(
    name: str,
    tmp_path: Path,
    places: dict[str, tuple[Path, dict[str, Any]]],
    records: Records,
    log: list[str],
) -> None:
    case = CASES[name]
    base_model, keys = places[case.tokenizer]
    found, decode = found_by(case, Bench(tmp_path, base_model, keys), log)
    group, _, key = name.partition("/")
    if ANEW:
        records[group][key] = found
        pytest.skip("recorded anew")
    assert key in records[group], (
        f"{name} was never recorded; see tests.training.same_tokens"
    )
    if said := difference(records[group][key], found, decode):
        pytest.fail(f"{name}: {said}", pytrace=False)
