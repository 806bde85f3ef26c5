"""The `explain:` blocks of a recipe -> settings for each of its dataset entries."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from axolotl_explain.core.errors import ExplainError, UnreadKeys, quoted
from axolotl_explain.recipe.carrier import (
    CARRIER,
    DatasetSettings,
    from_entry,
    is_settings,
)
from axolotl_explain.recipe.dataset_entries import (
    TYPES,
    Entry,
    Found,
    our_entries,
    reading_entry,
)
from axolotl_explain.recipe.encoder_decoder import check_encoder_decoder
from axolotl_explain.recipe.entry_options import (
    default_options,
    entry_options,
    refuse_unread,
)
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
from axolotl_explain.recipe.internalise_options import (
    internalise_block,
    stage_cut,
)
from axolotl_explain.recipe.level_requests import (
    asks_for_level,
    refuse_equal_requests,
)
from axolotl_explain.recipe.levels_asked import level_names
from axolotl_explain.recipe.loss_options import loss_block
from axolotl_explain.recipe.loss_refusals import refuse_loss
from axolotl_explain.recipe.misspelt_block import refuse_misspelt
from axolotl_explain.recipe.nothing_trained import refuse_nothing_trained
from axolotl_explain.recipe.options import ExplainOptions
from axolotl_explain.recipe.prepared_from import Digests, noted_digests
from axolotl_explain.recipe.prepared_key import other_keys
from axolotl_explain.recipe.streaming import (
    refuse_parts,
    refuse_streamed_split,
    stream_packed,
)
from axolotl_explain.sources.local_files import local_files


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
    found = list(our_entries(recipe))
    if not found:
        _refuse_unaskable(recipe)
    else:
        refuse_misspelt(recipe, found)
    evaluation = check_evaluation(recipe)
    loss = loss_block(recipe)
    internalise = internalise_block(recipe)
    defaults = default_options(recipe)
    pending = [one for one in found if not is_settings(one.entry.get(CARRIER))]
    options = {one.where: entry_options(one, defaults) for one in pending}
    kinds = [one.entry["type"] for one in found]
    _refuse_foreign(recipe, found, pending, options)
    refuse_unread(defaults, kinds)
    if loss is not None:
        refuse_loss(recipe, loss, options)
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
            keeps_kinds=loss is not None,
            other_keys=other_keys(recipe, one.entry),
            cut=stage_cut(internalise, options[one.where], one.where),
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
