"""The `explain:` blocks of a recipe -> settings for each of its dataset entries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, Literal, NamedTuple

from axolotl_explain.core.errors import ExplainError, UnreadKeys, quoted
from axolotl_explain.recipe.carrier import (
    CARRIER,
    DatasetSettings,
    from_entry,
    is_settings,
)
from axolotl_explain.recipe.encoder_decoder import SEQ2SEQ, check_encoder_decoder
from axolotl_explain.recipe.evaluation_options import (
    WHERE,
    EvaluationOptions,
    check_evaluation,
)
from axolotl_explain.recipe.files import (
    READS_ROWS,
    check_split,
    digests,
    missing_files,
    token_digests,
)
from axolotl_explain.recipe.foreign_entry_keys import unread_keys
from axolotl_explain.recipe.foreign_recipe_keys import other_lengths, unread_objectives
from axolotl_explain.recipe.level_requests import (
    asks_for_level,
    refuse_equal_requests,
)
from axolotl_explain.recipe.levels_asked import level_names
from axolotl_explain.recipe.nothing_trained import refuse_nothing_trained
from axolotl_explain.recipe.options import ExplainOptions, parse_options
from axolotl_explain.recipe.prepared_from import Digests, noted_digests
from axolotl_explain.recipe.prepared_key import other_keys
from axolotl_explain.recipe.streaming import (
    refuse_parts,
    refuse_streamed_split,
    stream_packed,
)
from axolotl_explain.sources.local_files import local_files
from axolotl_explain.sources.options import SOURCES
from axolotl_explain.support.blocks import parse_block

INSTRUCT, CHAT = "axolotl_explain.instruct", "axolotl_explain.chat"
TYPES = (INSTRUCT, CHAT, SEQ2SEQ)
ONLY_FOR = {
    "template": (INSTRUCT, SEQ2SEQ),
    "system": (CHAT,),
    "thinking": (CHAT,),
    "max_target_tokens": (SEQ2SEQ,),
    "line_break": (SEQ2SEQ,),
}
"""Options that not every strategy reads."""

ONLY_TRAINING = ("filter", "coverage", "control")
"""Options that test rows take from their own block alone, so that the loss that arms
are compared by is one and the same."""

Entry = MutableMapping[str, Any]


class Found(NamedTuple):
    """A dataset entry that one of our strategies reads, and where it stands."""

    where: str
    split: Literal["train", "test"]
    entry: Entry


def install_settings(recipe: MutableMapping[str, Any]) -> int:
    """Check all `explain:` blocks and store each entry's settings inside the entry.

    Args:
        recipe: the YAML as a mapping; its dataset entries are changed in place.

    Returns:
        The number of dataset entries that a strategy of ours reads.

    Raises:
        ExplainError: for an unknown key or bad value, an option that no dataset reads,
            a type that does not exist, keys that cannot go together, or a local file
            that is not there.
        UnreadKeys: for keys that Axolotl's own types read and ours do not.
    """
    found = list(_our_entries(recipe))
    if not found:
        _refuse_unaskable(recipe)
    evaluation = check_evaluation(recipe)
    defaults = parse_options(_without(recipe.get("explain"), "evaluation"), "explain")
    pending = [one for one in found if not is_settings(one.entry.get(CARRIER))]
    options = {one.where: _entry_options(one, defaults) for one in pending}
    kinds = [one.entry["type"] for one in found]
    _refuse_foreign(recipe, found, pending, options)
    _refuse_unread(defaults, kinds)
    if found:
        refuse_nothing_trained(recipe, [one.where for one in found])
        refuse_streamed_split(recipe)
    check_encoder_decoder(recipe, kinds)
    noted = noted_digests(recipe)
    trained = [options[one.where] for one in pending if one.split == "train"]
    for one in pending:
        _refuse_unreadable(one, noted)
        streamed = bool(recipe.get("streaming")) and one.split == "train"
        refuse_parts(one.where, options[one.where], one.entry, streamed)
        settings = DatasetSettings(
            options=options[one.where],
            asks_for_level=asks_for_level(options[one.where], trained),
            split=one.split,
            files={
                **digests(one.entry),
                **_noted(one.entry, noted),
                **token_digests(one.entry, recipe),
            },
            eval_sequence_len=(
                recipe.get("eval_sequence_len") if one.split == "test" else None
            ),
            held_out=one.split == "train" and bool(recipe.get("val_set_size")),
            other_keys=other_keys(recipe, one.entry),
        )
        one.entry[CARRIER] = settings.to_json()
    if evaluation is not None:
        _refuse_untrained_levels(recipe, evaluation)
    refuse_equal_requests(
        (one.where, from_entry(one.entry)) for one in found if one.split == "train"
    )
    if found and recipe.get("streaming") and recipe.get("sample_packing"):
        stream_packed(recipe)
    return len(found)


def _refuse_untrained_levels(
    recipe: Mapping[str, Any], evaluation: EvaluationOptions
) -> None:
    """Refuse levels that training is to ask for and that no prompt can name."""
    for path in evaluation.data:
        settings = from_entry(reading_entry(recipe, path))
        level_names(settings, evaluation.levels, f"{WHERE}.levels")


def _refuse_unaskable(recipe: Mapping[str, Any]) -> None:
    block = recipe.get("explain")
    if isinstance(block, Mapping) and block.get("evaluation") is not None:
        raise ExplainError(
            f"{WHERE}: no dataset of this recipe has a type that says how to ask; use "
            f"type: {' or '.join(TYPES)}, or remove the block."
        )


def reading_entry(recipe: Mapping[str, Any], data: str | None) -> Any:
    """The dataset entry by which a data file is read: its own, or else the first.

    Test datasets go before training ones; None if no entry has a type of this package.
    """
    entries = [
        entry
        for name in ("test_datasets", "datasets")
        for entry in recipe.get(name) or []
        if entry.get("type") in TYPES
    ]
    same = [entry for entry in entries if entry.get("path") == data]
    return (same or entries or [None])[0]


def reading_options(recipe: Mapping[str, Any], data: str) -> ExplainOptions:
    """The options by which a data file is read, from a recipe as it is written.

    Raises:
        ExplainError: for an unknown key or bad value, or a key that ours do not read.
    """
    defaults = parse_options(_without(recipe.get("explain"), "evaluation"), "explain")
    entry = reading_entry(recipe, data)
    for one in _our_entries(recipe):
        if one.entry is entry:
            options = _entry_options(one, defaults)
            refusals = tuple(unread_keys(one.where, one.entry, options))
            if refusals:
                raise UnreadKeys(refusals)
            return options
    return ExplainOptions()


def training_options(recipe: Mapping[str, Any]) -> list[ExplainOptions]:
    """What each training entry of ours means, in a recipe as it is written.

    Raises:
        ExplainError: for an unknown key or bad value.
    """
    defaults = parse_options(_without(recipe.get("explain"), "evaluation"), "explain")
    return [
        _entry_options(one, defaults)
        for one in _our_entries(recipe)
        if one.split == "train"
    ]


def _our_entries(recipe: Mapping[str, Any]) -> Iterator[Found]:
    for name, split in (("datasets", "train"), ("test_datasets", "test")):
        for index, entry in enumerate(recipe.get(name) or []):
            where = f"{name}[{index}]"
            if not isinstance(entry, MutableMapping):
                continue
            kind = entry.get("type")
            if kind in TYPES:
                yield Found(where, "train" if split == "train" else "test", entry)
            elif isinstance(kind, str) and kind.startswith("axolotl_explain"):
                raise ExplainError(
                    f"{where}.type: {quoted(kind)} is no strategy of this package; use "
                    f"{' or '.join(TYPES)}."
                )
            elif entry.get("explain") is not None:
                raise ExplainError(
                    f"{where}.explain: type {quoted(kind)} does not read it; use "
                    f"type: {' or '.join(TYPES)}, or remove the block."
                )
    for index, entry in enumerate(_listed(recipe.get("pretraining_dataset"))):
        if str(entry.get("type")).startswith("axolotl_explain"):
            raise ExplainError(
                f"pretraining_dataset[{index}].type: Axolotl drops the options of "
                "entries here; put the entry under datasets: and set streaming: true."
            )


def _without(block: object, key: str) -> object:
    if not isinstance(block, Mapping):
        return block
    return {name: value for name, value in block.items() if name != key}


def _listed(value: object) -> list[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        return [value]
    if not isinstance(value, list):
        return []
    return [entry for entry in value if isinstance(entry, Mapping)]


def _entry_options(one: Found, defaults: Mapping[str, Any]) -> ExplainOptions:
    block = one.entry.get("explain")
    if isinstance(block, Mapping) and "evaluation" in block:
        raise ExplainError(
            f"{one.where}.explain.evaluation: the whole model is evaluated; put the "
            "block under explain: at the top level of the recipe."
        )
    where = f"{one.where}.explain"
    own = parse_options(one.entry.get("explain"), where)
    kind = one.entry["type"]
    for key in own:
        if kind not in ONLY_FOR.get(key, TYPES):
            raise ExplainError(
                f"{one.where}.explain.{key}: type {kind} does not read it, "
                f"{' or '.join(ONLY_FOR[key])} does; remove the key or change the type."
            )
    read = {
        key: value
        for key, value in defaults.items()
        if kind in ONLY_FOR.get(key, TYPES)
    }
    if one.split == "test":
        read = {key: value for key, value in read.items() if key not in ONLY_TRAINING}
    options = parse_block(ExplainOptions, {**_other_source(read, own), **own}, where)
    if options.thinking and options.order != "explanation_first":
        raise ExplainError(
            f"{one.where}.explain.thinking: the reasoning field stands before the "
            f"answer, so it cannot go with order: {options.order}; change one of them."
        )
    return options


def _other_source(
    defaults: Mapping[str, Any], own: Mapping[str, Any]
) -> dict[str, Any]:
    """The defaults without a source that the dataset's own takes the place of.

    Own columns alone stand beside a preset by default, parts of which they override.
    """
    given = {key for key in SOURCES if own.get(key) is not None}
    replaced = set(SOURCES) if given - {"columns"} else given and {"messages"}
    return {key: value for key, value in defaults.items() if key not in replaced}


def _refuse_unread(defaults: Mapping[str, Any], kinds: list[str]) -> None:
    for key in defaults:
        needed = ONLY_FOR.get(key, TYPES)
        if kinds and not set(needed).intersection(kinds):
            raise ExplainError(
                f"explain.{key}: only type {' or '.join(needed)} reads it, and no "
                "dataset of this recipe has that type; remove the key or change a type."
            )


def _refuse_foreign(
    recipe: Mapping[str, Any],
    found: list[Found],
    pending: list[Found],
    options: Mapping[str, ExplainOptions],
) -> None:
    places = {one.where: str(one.entry["type"]) for one in found}
    refusals = [*unread_objectives(recipe, places), *other_lengths(recipe, options)]
    for one in pending:
        refusals += unread_keys(one.where, one.entry, options[one.where])
    if refusals:
        raise UnreadKeys(refusals)


def _noted(entry: Entry, noted: Digests) -> dict[str, str]:
    """The digests of files that are gone and whose data may be prepared already."""
    found: dict[str, str] = {}
    for missing in missing_files(entry):
        found.update(noted.get(missing.path, {}))
    return found


def _refuse_unreadable(one: Found, noted: Digests) -> None:
    for missing in missing_files(one.entry):
        if missing.path in noted or not READS_ROWS.get():
            continue
        raise ExplainError(
            f"{one.where}.{missing.key}: there is no file {missing.path}; paths start "
            "from the folder that the command is run in."
        )
    try:
        local_files(one.entry)
        check_split(one.entry)
    except ExplainError as error:
        raise ExplainError(f"{one.where}.{error}") from None
    carried = one.entry.get(CARRIER)
    if carried:
        raise ExplainError(
            f"{one.where}.{CARRIER}: {quoted(carried)} has no meaning with type "
            f"{one.entry['type']}; remove the key."
        )
