"""What cannot go beside `explain.loss`, said from the recipe alone."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from axolotl.integrations.diffusion.plugin import DiffusionPlugin
from axolotl.integrations.hatchery.plugin import HatcheryPlugin
from axolotl.integrations.kd import KDPlugin
from axolotl.utils.dict import DictDefault
from axolotl.utils.schemas.config import AxolotlInputConfig

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.recipe.install import install_settings
from axolotl_explain.recipe.loss_refusals import PLUGINS, SIZES, SWITCHES

INSTRUCT, CHAT = "axolotl_explain.instruct", "axolotl_explain.chat"
SEQ2SEQ = "axolotl_explain.seq2seq"
EXPLANATION = {"weights": {"explanation": 0.3}}
PROMPT = {"weights": {"prompt": 0.2}}


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_text("{}")


def recipe(loss: object, *datasets: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """A recipe with the block; of the level long unless an entry says otherwise."""
    entries = [{"path": "a.jsonl", "type": INSTRUCT, **one} for one in datasets or [{}]]
    return {"explain": {"loss": loss}, "datasets": entries, **keys}


def refusal(*arguments: Any, **keys: Any) -> str:
    with pytest.raises(ExplainError) as caught:
        install_settings(recipe(*arguments, **keys))
    return str(caught.value)


def at_level(level: object) -> dict[str, Any]:
    return {"explain": {"level": level}}


BESIDE: dict[str, Any] = {
    "cut_cross_entropy": True,
    "chunked_cross_entropy": True,
    "liger_fused_linear_cross_entropy": True,
    "liger_cross_entropy": True,
    "flash_attn_cross_entropy": True,
    "use_eaft": True,
    "label_smoothing": 0.1,
    "label_smoothing_factor": 0.1,
    "torch_compile": True,
    "trainer_cls": "a.b.Trainer",
    "kd_trainer": 1.0,
    "context_parallel_size": 2,
    "sequence_parallel_degree": 2,
    "tensor_parallel_size": 2,
    "expert_parallel_size": 2,
}


@pytest.mark.parametrize("key", BESIDE)
def test_a_key_that_cannot_go_with_the_block_is_refused(key: str) -> None:
    said = refusal({}, **{key: BESIDE[key]})
    assert said.startswith(f"{key}: {BESIDE[key]!r} cannot go with explain.loss: ")
    assert said.endswith("; remove one of them.")
    assert "\n" not in said


@pytest.mark.parametrize("key", BESIDE)
def test_the_same_key_is_left_alone_without_the_block_or_switched_off(key: str) -> None:
    install_settings({**recipe({}), "explain": {}, key: BESIDE[key]})
    off = 1 if key in SIZES else False
    install_settings({**recipe({}), key: off})


def test_every_refused_key_is_tried_above() -> None:
    elsewhere = {"rl", "reward_model", "process_reward_model"}
    assert {*BESIDE} | elsewhere == {*SWITCHES, *SIZES}


def test_the_refused_keys_are_those_of_axolotl() -> None:
    from axolotl.integrations.cut_cross_entropy.args import CutCrossEntropyArgs
    from axolotl.integrations.expert_parallel.args import ExpertParallelArgs
    from axolotl.integrations.kd.args import KDArgs
    from axolotl.integrations.liger.args import LigerArgs

    schemas = (
        AxolotlInputConfig,
        CutCrossEntropyArgs,
        ExpertParallelArgs,
        KDArgs,
        LigerArgs,
    )
    known = {key for one in schemas for key in one.model_fields}
    assert {*SWITCHES, *SIZES} - known == {"label_smoothing", "label_smoothing_factor"}


@pytest.mark.parametrize(
    "path",
    [
        "axolotl.integrations.cut_cross_entropy.CutCrossEntropyPlugin",
        "axolotl.integrations.diffusion.DiffusionPlugin",
        "axolotl.integrations.hatchery.HatcheryPlugin",
    ],
)
def test_a_plugin_that_acts_by_itself_is_refused(path: str) -> None:
    module, _, name = path.rpartition(".")
    assert name in PLUGINS
    assert hasattr(import_module(module), name)
    said = refusal({}, plugins=["axolotl_explain.ExplainPlugin", path])
    assert said.startswith(f"plugins[1]: '{path}' cannot go with explain.loss: ")


def test_a_plugin_that_is_switched_off_is_not_refused() -> None:
    path = "axolotl.integrations.cut_cross_entropy.CutCrossEntropyPlugin"
    install_settings(recipe({}, plugins=[path], cut_cross_entropy=False))


def test_axolotl_has_these_trainers_of_plugins() -> None:
    """Without a key, or by the key that is refused."""
    for plugin in (DiffusionPlugin(), HatcheryPlugin()):
        assert plugin.get_trainer_cls(DictDefault({})) is not None
    assert KDPlugin().get_trainer_cls(DictDefault({})) is None
    assert KDPlugin().get_trainer_cls(DictDefault({"kd_trainer": 1.0})) is not None


@pytest.mark.parametrize("stage", [2, 3])
def test_zero_stage_3_is_refused_by_what_its_file_says(stage: int) -> None:
    config = {"zero_optimization": {"stage": stage}}
    Path("zero.json").write_text(json.dumps(config))
    for deepspeed in ("zero.json", config):
        if stage == 2:
            install_settings(recipe({}, deepspeed=deepspeed))
        else:
            said = refusal({}, deepspeed=deepspeed)
            assert said.startswith("deepspeed: ZeRO stage 3 gathers the head's ")
            assert "use fsdp_version: 2 or ZeRO stage 2" in said


def test_zero_stage_3_is_refused_by_the_name_of_a_file_that_is_to_be_fetched() -> None:
    said = refusal({}, deepspeed="deepspeed_configs/zero3_bf16.json")
    assert said.startswith("deepspeed: ZeRO stage 3 ")
    install_settings(recipe({}, deepspeed="deepspeed_configs/zero2.json"))


def test_the_first_version_of_fsdp_is_refused() -> None:
    config = {"offload_params": False}
    said = refusal({}, fsdp_config=config)
    assert said.startswith("fsdp_version: 1 has not been tried with explain.loss, ")
    assert refusal({}, fsdp=["full_shard"]) == said
    install_settings(recipe({}, fsdp_config=config, fsdp_version=2))
    install_settings(recipe({}, fsdp_config={**config, "fsdp_version": 2}))


def test_streams_have_no_shares_and_are_not_packed() -> None:
    said = refusal({"share": {"answer": 0.5}}, streaming=True)
    assert said.startswith("explain.loss.share: a part of the loss is worked out over ")
    said = refusal({}, streaming=True, sample_packing=True)
    assert said.startswith("streaming: with sample_packing, Axolotl packs rows ")
    install_settings(recipe(EXPLANATION, streaming=True))


@pytest.mark.parametrize("kind", [INSTRUCT, CHAT])
def test_prompts_of_a_decoder_may_weigh_something(kind: str) -> None:
    install_settings(recipe(PROMPT, {"type": kind}))


@pytest.mark.parametrize(
    ("loss", "place"),
    [
        (PROMPT, "weights"),
        ({"share": {"prompt": 0.2}}, "share"),
        ({"schedule": {"prompt": {"to": 0.2}}}, "schedule"),
    ],
)
def test_prompts_of_an_encoder_cannot(loss: dict[str, Any], place: str) -> None:
    said = refusal(loss, {"type": SEQ2SEQ}, model_type="AutoModelForSeq2SeqLM")
    assert said.startswith(f"explain.loss.{place}.prompt: the encoder of an encoder–")


def test_prompts_are_trained_or_weigh_nothing() -> None:
    said = refusal({"weights": {"prompt": 0}}, train_on_inputs=True)
    assert said.startswith("explain.loss.weights.prompt: 0 leaves prompts out of the ")
    install_settings(recipe(PROMPT, train_on_inputs=True))
    install_settings(recipe({"weights": {"prompt": 0}}, train_on_inputs=False))


def test_shares_need_a_kind_that_takes_the_rest() -> None:
    loss = {"weights": {"end": 0}, "share": {"explanation": 0.3, "answer": 0.3}}
    said = refusal(loss)
    assert said.startswith("explain.loss.share: the parts add up to 0.6, and no other ")
    install_settings(recipe(loss, {}, {"type": "alpaca"}))
    install_settings(recipe(loss, train_on_inputs=True))


@pytest.mark.parametrize(
    ("loss", "place"),
    [
        (EXPLANATION, "weights"),
        ({"share": {"explanation": 0.5}}, "share"),
        ({"schedule": {"explanation": {"to": 0.0}}}, "schedule"),
    ],
)
@pytest.mark.parametrize("level", ["none", {"none": 1}])
def test_explanations_weigh_nothing_where_no_row_has_one(
    loss: dict[str, Any], place: str, level: object
) -> None:
    said = refusal(loss, at_level(level), at_level("none"))
    assert said.startswith(
        f"explain.loss.{place}.explanation: with explain.level: none no row has an "
        "explanation, so it would have no effect; train at a level"
    )


@pytest.mark.parametrize("level", ["short", "all", "requested", {"none": 1, "long": 3}])
def test_explanations_of_some_rows_are_enough(level: object) -> None:
    install_settings(recipe(EXPLANATION, at_level("none"), at_level(level)))


@pytest.mark.parametrize(
    "loss", [{}, None, {"weights": {"explanation": 1, "answer": 2}}]
)
def test_a_block_that_leaves_explanations_alone_goes_with_level_none(
    loss: object,
) -> None:
    install_settings(recipe(loss, at_level("none")))


def test_weights_need_rows_that_tell_kinds_apart() -> None:
    said = refusal(EXPLANATION, {"type": "alpaca"})
    assert said.startswith(
        "explain.loss: no dataset of this recipe has a type that tells explanation "
        "apart, so it would have no effect; use type: axolotl_explain.instruct"
    )
    install_settings(recipe({}, {"type": "alpaca"}))


def test_a_dataset_has_no_block_of_its_own() -> None:
    said = refusal({}, {"explain": {"loss": {}}})
    assert said.startswith("datasets[0].explain.loss: one loss is taken over all rows ")
    assert "under explain: at the top level" in said


def test_every_fault_has_its_line() -> None:
    said = refusal({"weights": {"prompt": 0}}, train_on_inputs=True, use_eaft=True)
    assert [one.split(":")[0].strip() for one in said.splitlines()] == [
        "use_eaft",
        "explain.loss.weights.prompt",
    ]
