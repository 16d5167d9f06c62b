"""The stock Trainer, set up from a config."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score
from torch.utils.tensorboard import SummaryWriter
from transformers import EarlyStoppingCallback, EvalPrediction, Trainer, TrainerCallback, TrainingArguments
from transformers.integrations import TensorBoardCallback
from transformers.trainer_utils import PredictionOutput

from svodka.config.training import RunConfig, TrainingSection
from svodka.model.news_model import NewsModel
from svodka.training.features import Collator
from svodka.training.order import EpochOrder
from svodka.training.run_folder import RunFolder

_NO_DECAY = ("bias", "norm", "LayerNorm", "layer_norm", "position")


def make_trainer(
    config: RunConfig, folder: RunFolder, model: NewsModel, *, splits: dict[str, Any], collator: Collator,
    callbacks: Sequence[TrainerCallback],
) -> Trainer:  # fmt: skip
    """A Trainer over the encoded splits `train` and, where it has rows, `validation`."""
    settings = config.training
    if settings.gradient_checkpointing:
        model.gradient_checkpointing_enable()
    validates = len(splits["validation"]) > 0
    watching: list[TrainerCallback] = [*callbacks, TensorBoardCallback(SummaryWriter(str(folder.logs)))]
    if settings.early_stopping and validates:
        watching.append(EarlyStoppingCallback(settings.early_stopping))
    return Trainer(
        model=model,
        args=_arguments(config, folder, validates=validates),
        data_collator=collator,
        train_dataset=EpochOrder(
            splits["train"], batch_size=settings.batch_size * settings.accumulation, seed=config.seed
        ),
        eval_dataset=splits["validation"] if validates else None,
        compute_metrics=tag_average_precision if config.model.tags.weight else None,
        callbacks=watching,
        optimizers=(_optimizer(model, settings), None),
    )


def tag_average_precision(prediction: EvalPrediction) -> dict[str, float]:
    """Micro-averaged average precision of the tags over a split; needs no threshold."""
    logits, targets = tag_arrays(prediction)
    if not targets.any():
        return {"tag_average_precision": 0.0}
    return {"tag_average_precision": float(average_precision_score(targets, logits, average="micro"))}


def tag_arrays(prediction: EvalPrediction | PredictionOutput) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tag logits and targets of a pass, both [articles, l] in the pass's own order."""
    logits, targets = (
        np.asarray(found[0] if isinstance(found, tuple) else found, dtype=np.float64)
        for found in (prediction.predictions, prediction.label_ids)
    )
    return logits, targets


def _arguments(config: RunConfig, folder: RunFolder, *, validates: bool) -> TrainingArguments:
    settings = config.training
    strategy = "steps" if settings.eval_steps else "epoch"
    return TrainingArguments(
        output_dir=str(folder.checkpoints),
        num_train_epochs=settings.epochs,
        max_steps=settings.max_steps,
        per_device_train_batch_size=settings.batch_size,
        per_device_eval_batch_size=settings.batch_size,
        gradient_accumulation_steps=settings.accumulation,
        learning_rate=settings.learning_rate,
        lr_scheduler_type=settings.schedule,
        warmup_steps=settings.warmup,
        max_grad_norm=settings.max_grad_norm,
        bf16=settings.precision == "bf16",
        use_cpu=settings.device == "cpu",
        eval_strategy=strategy if validates else "no",
        save_strategy=strategy,
        eval_steps=settings.eval_steps,
        save_steps=settings.eval_steps or 500,
        save_total_limit=settings.keep_checkpoints,
        load_best_model_at_end=validates,
        metric_for_best_model=settings.metric if settings.metric != "loss" else "eval_loss",
        greater_is_better=settings.metric != "loss",
        logging_steps=settings.log_steps,
        train_sampling_strategy="sequential",  # EpochOrder shuffles
        remove_unused_columns=False,
        label_names=_label_names(config),
        dataloader_pin_memory=torch.accelerator.is_available() and settings.device != "cpu",
        seed=config.seed,
        data_seed=config.seed,
        report_to="none",
    )


def _label_names(config: RunConfig) -> list[str]:
    tasks = config.model
    names = (("tag_labels", tasks.tags), ("sentence_labels", tasks.sentences), ("labels", tasks.decoder))
    return [name for name, task in names if task.weight]


def _optimizer(model: NewsModel, settings: TrainingSection) -> torch.optim.Optimizer:
    groups: dict[str, list[torch.nn.Parameter]] = {"lexical": [], "plain": [], "decayed": []}
    for name, parameter in model.named_parameters():
        if name.startswith("lexical."):
            # No decay towards zero: the branch starts from a fitted model that was regularised already.
            groups["lexical"].append(parameter)
        else:
            groups["plain" if any(part in name for part in _NO_DECAY) else "decayed"].append(parameter)
    rates = {"lexical": settings.lexical_learning_rate}
    return torch.optim.AdamW(
        [
            {
                "params": parameters,
                "lr": rates.get(kind, settings.learning_rate),
                "weight_decay": settings.weight_decay if kind == "decayed" else 0.0,
            }
            for kind, parameters in groups.items()
            if parameters
        ]
    )
