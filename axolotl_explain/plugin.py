"""The plugin as Axolotl sees it: hooks that hand over to the rest of the package."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

from axolotl.integrations.base import BasePlugin
from axolotl.utils.logging import get_logger
from peft import TaskType
from transformers import set_seed

from axolotl_explain.checking.during_training import RowReview
from axolotl_explain.core.errors import ExplainError, install_excepthook
from axolotl_explain.evaluation.callback import EvaluationCallback, refuse_unreadable
from axolotl_explain.evaluation.stage_end import end_of_stage
from axolotl_explain.evaluation.token_counts import GoOnCounting
from axolotl_explain.recipe.adapted_experts import frozen_experts, means_experts
from axolotl_explain.recipe.axolotl_commands import axolotl_command, to_know
from axolotl_explain.recipe.dataset_entries import TYPES
from axolotl_explain.recipe.evaluation_options import parse_evaluation
from axolotl_explain.recipe.files import READS_ROWS
from axolotl_explain.recipe.install import install_settings
from axolotl_explain.recipe.internalise_options import internalise_block
from axolotl_explain.recipe.loss_options import loss_block
from axolotl_explain.recipe.merge_method import set_merge_method
from axolotl_explain.recipe.not_held_out import not_held_out
from axolotl_explain.recipe.nothing_trained import adapter_without_rank
from axolotl_explain.recipe.scratch_model import ensure_scratch_model
from axolotl_explain.recipe.task_data import ensure_task_data
from axolotl_explain.support.overrides import expand, refuse_dropped
from axolotl_explain.support.progress_file import asked_for
from axolotl_explain.training.callbacks import StayEnded, StopAtLoss, TellProgress
from axolotl_explain.training.checkpoint_record import (
    RecordTraining,
    record_of,
    refuse_other_checkpoint,
)
from axolotl_explain.training.ends import (
    SaveEnds,
    load_ends,
    save_ends,
    stop_at,
    trained_ends,
)
from axolotl_explain.training.explain_folder import say_how_to_ask, strategies_of
from axolotl_explain.training.four_bits import keep_gradients
from axolotl_explain.training.kept_optimizer import KeepOptimizer
from axolotl_explain.training.local_rows import read_local_files
from axolotl_explain.training.loss_record import RecordLoss, loss_record
from axolotl_explain.training.loss_trainer import LossTrainer, refuse_other_trainers
from axolotl_explain.training.merged_folder import keep_in_merges
from axolotl_explain.training.micro_batches import warning_of
from axolotl_explain.training.no_step import RefuseNoStep
from axolotl_explain.training.served_by_axolotl import (
    ask_as_trained,
    keep_when_quantized,
)
from axolotl_explain.training.strategy import REVIEWER
from axolotl_explain.training.tied import is_tied
from axolotl_explain.training.validation_split import install_split

LOG = get_logger("axolotl.explain")


class ExplainPlugin(BasePlugin):  # type: ignore[misc]
    """Named in a recipe under `plugins:` as `axolotl_explain.ExplainPlugin`."""

    def get_input_args(self) -> str:
        """The pydantic class that adds the keys of this plugin to a recipe."""
        return "axolotl_explain.recipe.options.ExplainArgs"

    def register(self, cfg: Any) -> None:
        """Check the `explain:` blocks and pass them to the strategies.

        Raises:
            ExplainError: naming the key path in the recipe.
        """
        install_excepthook()
        install_split()
        refuse_dropped(sys.argv)
        expand(cfg)
        data = cfg.get("task_data")
        made = [] if data is None else ensure_task_data(data)
        if made:
            LOG.info(f"generated {data['folder']} as task_data says. {' '.join(made)}")
        scratch = cfg.get("scratch_model")
        if scratch is not None and ensure_scratch_model(scratch, cfg.get("base_model")):
            LOG.info(f"made {cfg['base_model']} as scratch_model says")
        read_local_files()
        why = set_merge_method(cfg, partial(is_tied, cfg))
        if why:
            LOG.info(f"merge_method: legacy is set, since {why}")
        if cfg.get("merge_lora"):
            keep_in_merges()
        command = axolotl_command(sys.argv)
        if command == "quantize":
            keep_when_quantized()
        for message in to_know(command, cfg):
            LOG.warning(message)
        for message in not_held_out(cfg):
            LOG.warning(message)
        if not install_settings(cfg) and cfg.get("explain") is not None:
            LOG.warning(
                "explain: no dataset of this recipe has a type that reads it "
                f"({', '.join(TYPES)}); the block has no effect"
            )

    def get_trainer_cls(self, cfg: Any) -> type[LossTrainer] | None:
        """The trainer that `explain.loss` needs; Axolotl's own where it is absent.

        Raises:
            ExplainError: where another plugin has a trainer of its own.
        """
        if loss_block(cfg) is None:
            return None
        refuse_other_trainers(self, cfg)
        return LossTrainer

    def post_trainer_create(self, cfg: Any, trainer: Any) -> None:
        """Give the trainer its weights, or say what it does without them.

        The weights are kept beside the model.
        """
        loss = loss_block(cfg)
        record = None
        if loss is not None:
            trainer.weigh(loss, bool(cfg.train_on_inputs))
            record = loss_record(trainer.weights, trainer.tokens)
        elif said := warning_of(cfg, trainer):
            LOG.warning(said)
        trainer.add_callback(RecordLoss(record))

    def pre_model_load(self, cfg: Any) -> None:
        """Read what will be evaluated on, whose faults would show only in training.

        Axolotl's own inference gets the trained prompt.
        """
        if axolotl_command(sys.argv) == "inference":
            ask_as_trained(cfg)
        block = (cfg.explain or {}).get("evaluation")
        if block is not None and READS_ROWS.get() and not cfg.inference:
            refuse_unreadable(cfg, parse_evaluation(block))
            review = REVIEWER.get()
            if isinstance(review, RowReview):
                review.evaluated(cfg)

    def load_datasets(self, cfg: Any, preprocess: bool = False) -> None:
        """Refuse what could not be trained, before data and model are loaded.

        Data are left to Axolotl; as they are prepared, their rows are looked at.

        Raises:
            ExplainError: naming the key and the way out.
        """
        REVIEWER.set(RowReview(LOG.warning, int(cfg.min_sample_len or 0)))
        if preprocess:
            return
        if loss_block(cfg) is not None:
            refuse_other_trainers(self, cfg)
        missing = adapter_without_rank(cfg)
        if missing:
            raise ExplainError(missing)
        refuse_other_checkpoint(cfg)

    def pre_lora_load(self, cfg: Any, model: Any) -> None:
        """Draw a new adapter's weights by the seed of the recipe.

        Axolotl seeds when it makes the trainer, which is later; the same recipe would
        start from another adapter each time.
        """
        if cfg.seed is not None:
            set_seed(cfg.seed)

    def post_lora_load(self, cfg: Any, model: Any) -> None:
        """Name the task of an encoder–decoder model's adapter, which is saved with it.

        Axolotl names that of a model with a decoder alone, and takes no other from a
        plugin. Keep 4-bit weights trainable through evaluations on a CPU.
        """
        if model.config.is_encoder_decoder:
            for config in getattr(model, "peft_config", {}).values():
                config.task_type = TaskType.SEQ_2_SEQ_LM
        keep_gradients(model)
        if means_experts(cfg):
            weights = model.named_parameters()
            frozen = frozen_experts((n, w.numel(), w.requires_grad) for n, w in weights)
            if frozen:
                LOG.warning(f"adapter: {frozen}")
        load_ends(cfg, model)

    def add_callbacks_post_trainer(self, cfg: Any, trainer: Any) -> list[Any]:
        """What runs beside the trainer, where the recipe asks for it."""
        callbacks: list[Any] = [RefuseNoStep(bool(cfg.sample_packing))]
        callbacks += [StayEnded(), GoOnCounting()]
        trained = record_of(cfg)
        if trained:
            callbacks.append(RecordTraining(trained))
        strategies = strategies_of(cfg, trainer.processing_class)
        stop_at(trainer.model, trained_ends(strategies))
        callbacks += say_how_to_ask(cfg, trainer, strategies)
        config = getattr(trainer.model, "generation_config", None)
        if cfg.adapter and config is not None:
            callbacks.append(SaveEnds(config))
        block = (cfg.explain or {}).get("evaluation")
        evaluation = None
        if block is not None:
            options = parse_evaluation(block)
            evaluation = EvaluationCallback.for_trainer(cfg, trainer, options)
            callbacks.append(evaluation)
        callbacks += _of_the_stage(cfg, evaluation)
        if cfg.stop_at_loss is not None:
            callbacks.append(StopAtLoss(cfg.stop_at_loss))
        told = asked_for()
        if told is not None:
            callbacks.append(TellProgress(told))
        return callbacks

    def post_train(self, cfg: Any, model: Any) -> None:
        """Say beside an adapter where generation ends."""
        save_ends(cfg, model)


def _of_the_stage(cfg: Any, evaluation: EvaluationCallback | None) -> list[Any]:
    """What a stage of internalisation needs beside the trainer."""
    block = internalise_block(cfg)
    if block is None or block.stage is None:
        return []
    found = [end_of_stage(block, evaluation), KeepOptimizer.of(cfg, block)]
    return [one for one in found if one is not None]
