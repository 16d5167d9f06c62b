"""The stock Trainer, set up from a config."""

import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import PartialState
from sklearn.metrics import average_precision_score
from transformers import (
    EarlyStoppingCallback,
    EvalPrediction,
    PrinterCallback,
    ProgressCallback,
    Trainer,
    TrainerCallback,
    TrainerState,
    TrainingArguments,
)
from transformers.trainer import TRAINER_STATE_NAME

from svodka.bundle.calibration import Floats
from svodka.config.pretraining import PretrainConfig
from svodka.config.training import RunConfig, TrainingSection
from svodka.errors import StoppedError
from svodka.files import read_json, write_json
from svodka.model.news_model import NewsModel
from svodka.progress import Say
from svodka.training.callbacks import ProgressLines, StopOnSignal, tensorboard
from svodka.training.features import Collator
from svodka.training.mixture import Draw
from svodka.training.optimizer import parameter_groups
from svodka.training.order import EpochOrder
from svodka.training.run_folder import RunFolder
from svodka.training.states import StateStore


def make_trainer(
    config: RunConfig, folder: RunFolder, model: NewsModel, *, splits: dict[str, Any], collator: Collator,
    callbacks: Sequence[TrainerCallback],
) -> Trainer:  # fmt: skip
    """A Trainer over what `training_rows` gave and, where it has rows, the split `validation`."""
    settings = config.training
    if settings.gradient_checkpointing:
        model.gradient_checkpointing_enable()
    validates = len(splits["validation"]) > 0
    watching: list[TrainerCallback] = [*callbacks, *tensorboard(folder.logs)]
    if settings.early_stopping and validates:
        watching.append(EarlyStoppingCallback(settings.early_stopping))
    return Trainer(
        model=model,
        args=_arguments(config, folder, validates=validates),
        data_collator=collator,
        train_dataset=splits["train"],
        eval_dataset=splits["validation"] if validates else None,
        compute_metrics=tag_average_precision if config.model.tags.weight else None,
        callbacks=watching,
        # Not an optimiser: the Trainer takes none where it shares the weights out (FSDP).
        optimizer_cls_and_kwargs=(torch.optim.AdamW, {"params": parameter_groups(model, settings)}),
    )


def training_rows(
    config: RunConfig, rows: Any, *, draws: Sequence[Draw], store: StateStore | None = None
) -> EpochOrder:
    """The encoded training split in the order of its epochs; see `EpochOrder`."""
    settings = config.training
    return EpochOrder(
        rows,
        batch_size=settings.batch_size * settings.accumulation * PartialState().num_processes,
        seed=config.seed,
        windows=settings.windows,
        draws=draws,
        store=store,
    )


def run_to_end(trainer: Trainer, folder: RunFolder, stop: StopOnSignal, *, say: Say) -> None:
    """Train from the run folder's last checkpoint, if there is one, to the end; `say` takes lines of progress.

    Raises:
        StoppedError: a signal stopped the run; its checkpoint lies in the folder.
    """
    last = folder.last_checkpoint(trainer.args.world_size)
    if last is not None and trainer.args.should_save:
        _follow_move(last)
    if last is not None and _is_over(TrainerState.load_from_json(str(last / TRAINER_STATE_NAME))):
        # Resumed, the Trainer would take one step more; of no epochs it only loads the weights that were chosen.
        trainer.args.num_train_epochs, trainer.args.max_steps = 0, -1
    if not sys.stderr.isatty():
        for bars in (ProgressCallback, PrinterCallback):
            trainer.remove_callback(bars)
        trainer.add_callback(ProgressLines(say))
    with stop:
        trainer.train(resume_from_checkpoint=str(last) if last else None)
    if stop.stopped:
        raise StoppedError(
            f"stopped by a signal at step {trainer.state.global_step}; go on with it by --resume", signal=stop.number
        )


def _follow_move(checkpoint: Path) -> None:
    """In a run folder that was moved, the best checkpoint lies beside this one; the Trainer looks where it lay."""
    path = checkpoint / TRAINER_STATE_NAME
    state = read_json(path)
    best = checkpoint.parent / Path(state.get("best_model_checkpoint") or "").name
    if state.get("best_model_checkpoint") not in (None, str(best)) and best.is_dir():
        write_json(path, state | {"best_model_checkpoint": str(best)})


def _is_over(state: TrainerState) -> bool:
    """Whether a run had come to its end, by its steps or by early stopping, when this state was saved."""
    stopping = state.stateful_callbacks.get(EarlyStoppingCallback.__name__)
    patience_gone = stopping is not None and (
        stopping["attributes"]["early_stopping_patience_counter"] >= stopping["args"]["early_stopping_patience"]
    )
    return bool(patience_gone or state.global_step >= state.max_steps)


def tag_average_precision(prediction: EvalPrediction) -> dict[str, float]:
    """`average_precision` of a validation pass, as the Trainer wants it."""
    logits, targets = (
        np.asarray(found[0] if isinstance(found, tuple) else found, dtype=np.float64)
        for found in (prediction.predictions, prediction.label_ids)
    )
    return {"tag_average_precision": average_precision(logits, targets)}


def average_precision(logits: Floats, targets: Floats) -> float:
    """Micro-averaged average precision of the tags [articles, l]; needs no threshold. 0 where no tag is used.

    Cells below 0 in `targets`, of which nothing is known, are left out.
    """
    known = targets >= 0
    return float(average_precision_score(targets[known], logits[known])) if (targets > 0).any() else 0.0


@torch.inference_mode()
def label_logits(
    model: NewsModel, rows: Any, collator: Collator, *, batch_size: int, apart: Collection[str] = ()
) -> dict[str, tuple[Floats, Floats]]:
    """Logits and targets of `tags` [articles, l] and `topics` [articles, k] of encoded rows, where the model has them.

    In the arithmetic of inference: float32, no dropout. The Trainer's own pass would compute in the precision of the
    training, and thresholds chosen there would be those of another model.

    Args:
        model: the network; its mode is `eval` afterwards.
        rows: encoded rows. collator: what makes batches of them.
        batch_size: articles of a batch.
        apart: of which of the two the logits are those of the parts of a blend, each for itself [articles, …, parts].
    """
    model.eval()
    if "tags" in apart:  # a model without the branch has nothing that could join
        model.lexical_joins = False
    model.topics_join = model.topics_join and "topics" not in apart
    found: dict[str, list[tuple[torch.Tensor, torch.Tensor]]] = {"tags": [], "topics": []}
    for at in range(0, len(rows), batch_size):
        batch = collator([rows[i] for i in range(at, min(at + batch_size, len(rows)))])
        inputs = {name: tensor.to(model.device) for name, tensor in batch.items() if name != "rows"}
        output = model(**inputs)
        tags, topics = output.tag_logits, output.topic_logits
        if apart:
            states = model.states_of(inputs["input_ids"], inputs["attention_mask"], inputs.get("states"))
            ids, owners = (inputs[name].flatten(1) for name in ("input_ids", "sentence_ids"))
            if "tags" in apart:
                tags = torch.stack([tags, *model.branch_logits(states, ids, owners)], dim=-1)
            if "topics" in apart:
                topics = torch.stack([topics, *model.topics_beside(states, ids, owners)], dim=-1)
        for kind, logits, labels in (
            ("tags", tags, "tag_labels"),
            ("topics", topics, "topic_labels"),
        ):
            if logits is not None:
                found[kind].append((logits.double().cpu(), batch[labels].double()))
    return {
        kind: (torch.cat([logits for logits, _ in parts]).numpy(), torch.cat([labels for _, labels in parts]).numpy())
        for kind, parts in found.items()
        if parts
    }


def pretraining_arguments(config: PretrainConfig, folder: RunFolder, *, validates: bool) -> TrainingArguments:
    """Arguments of a masked pretraining: the stock sampler, no heads."""
    return TrainingArguments(
        **_common_arguments(config.training, folder, seed=config.seed, validates=validates),
        weight_decay=config.training.weight_decay,
        prediction_loss_only=True,
    )


def _arguments(config: RunConfig, folder: RunFolder, *, validates: bool) -> TrainingArguments:
    return TrainingArguments(
        **_common_arguments(config.training, folder, seed=config.seed, validates=validates),
        train_sampling_strategy="sequential",  # EpochOrder shuffles
        label_names=_label_names(config),
    )


def _common_arguments(settings: TrainingSection, folder: RunFolder, *, seed: int, validates: bool) -> dict[str, Any]:
    strategy = "steps" if settings.eval_steps else "epoch"
    # Said outright where there is no other device: the Trainer lets a CPU use bf16 only then.
    cpu = on_cpu(settings)
    return {
        "output_dir": str(folder.checkpoints),
        "num_train_epochs": settings.epochs,
        "max_steps": settings.max_steps,
        "per_device_train_batch_size": settings.batch_size,
        "per_device_eval_batch_size": settings.batch_size,
        "gradient_accumulation_steps": settings.accumulation,
        "learning_rate": settings.learning_rate,
        "lr_scheduler_type": settings.schedule,
        "warmup_steps": settings.warmup,
        "max_grad_norm": settings.max_grad_norm,
        "bf16": settings.precision == "bf16",
        "use_cpu": cpu,
        "eval_strategy": strategy if validates else "no",
        "save_strategy": strategy,
        "eval_steps": settings.eval_steps,
        "save_steps": settings.eval_steps or 500,
        # Told to keep one, the Trainer deletes at its end, or when it is stopped, all but the best: also the last.
        "save_total_limit": max(2, settings.keep_checkpoints),
        # Else early stopping would count anew from every resumption.
        "restore_callback_states_from_checkpoint": True,
        "load_best_model_at_end": validates,
        "metric_for_best_model": settings.metric if settings.metric != "loss" else "eval_loss",
        "greater_is_better": settings.metric != "loss",
        "logging_steps": settings.log_steps,
        "remove_unused_columns": False,
        "dataloader_pin_memory": not cpu,
        "seed": seed,
        "data_seed": seed,
        "report_to": "none",
    }


def on_cpu(settings: TrainingSection) -> bool:
    """Whether a run computes on the CPU."""
    return settings.device == "cpu" or not torch.accelerator.is_available()


def whole_model(trainer: Trainer) -> NewsModel:
    """The trained model as one process holds it; weights that are shared out are brought together in the leader."""
    if not trainer.is_fsdp_enabled:
        model: NewsModel = trainer.accelerator.unwrap_model(trainer.model, keep_fp32_wrapper=False)
        return model
    # All processes take part, only the leader gets the weights.
    weights = trainer.accelerator.get_state_dict(trainer.model)
    alone = NewsModel(trainer.accelerator.unwrap_model(trainer.model).config)
    if trainer.accelerator.is_main_process:
        alone.load_state_dict({name: weight.float() for name, weight in weights.items()})
    return alone


def _label_names(config: RunConfig) -> list[str]:
    tasks = config.model
    names = (
        ("tag_labels", tasks.tags),
        ("topic_labels", tasks.topics),
        ("sentence_labels", tasks.sentences),
        ("labels", tasks.decoder),
    )
    return [name for name, task in names if task.weight]
