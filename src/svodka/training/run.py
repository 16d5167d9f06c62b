"""A training run, from a config to a bundle."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer, PreTrainedTokenizerBase, Trainer, TrainerCallback, set_seed

from svodka.bundle import save_bundle
from svodka.config.base import Section, differences
from svodka.config.training import RunConfig
from svodka.data.prepare import prepare
from svodka.data.store import PreparedData
from svodka.errors import ConfigError, DataError
from svodka.files import write_text, written_beside
from svodka.model.encoding import ArticleEncoder
from svodka.training.adapter import ADAPTER, merge_adapter, save_adapter
from svodka.training.build import build_model, format_for
from svodka.training.callbacks import LossGuard, StopOnSignal
from svodka.training.features import Collator, Featuriser, featurise
from svodka.training.processes import Processes
from svodka.training.product import Inputs, make_bundle
from svodka.training.run_folder import RunFolder
from svodka.training.tokenizer import load_tokenizer, train_tokenizer
from svodka.training.trainer import make_trainer, on_cpu, run_to_end, whole_model

SPLITS = ("train", "validation")

Say = Callable[[str], None]


def train(config: RunConfig, *, resume: bool = False, say: Say = print, watch: Sequence[TrainerCallback] = ()) -> Path:
    """Train, choose thresholds on the validation split, save the bundle.

    Args:
        config: what to do; data that are not prepared yet are prepared first.
        resume: go on from the last checkpoint of the run folder.
        say: takes a line for the person who watches.
        watch: callbacks of transformers' Trainer, besides our own.

    Returns:
        The bundle's folder.

    Raises:
        ConfigError: the config cannot be carried out, or the run folder holds another run.
        DataError: the data cannot be read.
        TrainingError: the loss is not finite. StoppedError: a signal stopped the run.
    """
    processes = Processes.join(cpu=on_cpu(config.training))
    say = say if processes.is_leader else silent
    with processes.leader_first():
        data = open_or_prepare(config, say)
    folder = RunFolder(config.output)
    facts = data_facts(data)
    if open_folder(folder, config, facts, processes=processes, resume=resume) and folder.bundle.exists():
        say(f"{folder.root} has ended already; its bundle is as it was")
        return folder.bundle
    set_seed(config.seed)
    with processes.leader_first():
        inputs = _inputs(config, folder, data)
    say(", ".join(f"{len(rows)} {name}" for name, rows in inputs.splits.items()) + f", {len(data.labels)} tags")
    model = build_model(config, inputs.tokenizer, inputs.splits["train"], n_tags=len(data.labels))
    learning = model.num_parameters(only_trainable=True)
    say(f"{model.num_parameters():,} parameters, {learning:,} of them trained, {len(inputs.tokenizer):,} pieces")
    stop = StopOnSignal()
    ids = data.dataset("train")["id"]
    trainer = make_trainer(
        config, folder, model,
        splits=inputs.splits,
        collator=Collator(inputs.tokenizer, len(data.labels), config.model),
        callbacks=[stop, LossGuard(model, ids), *watch],
    )  # fmt: skip
    run_to_end(trainer, folder, stop)
    trained = whole_model(trainer)
    if processes.is_leader:
        _write_history(trainer, folder)
        if config.training.lora is not None:
            save_adapter(trained, folder.root / ADAPTER)
            merge_adapter(trained)
        bundle = make_bundle(config, inputs, trained, history=trainer.state.log_history)
        save_bundle(bundle, folder.bundle, weights=config.bundle.weights)
        folder.end()
    processes.wait()
    say(f"bundle: {folder.bundle}")
    return folder.bundle


def open_folder(
    folder: RunFolder, config: Section, data: Mapping[str, Any], *, processes: Processes, resume: bool
) -> bool:
    """Begin a run or go on with it, in all processes.

    Returns:
        Whether the run has ended already.
    """
    with processes.leader_first():
        # What the leader has begun just now the others join.
        follows = processes.count > 1 and not processes.is_leader
        folder.open(config, data, processes=processes.count, resume=resume or follows)
        if processes.is_leader:
            folder.drop_broken_checkpoints(processes.count)
        return folder.ended


def data_facts(data: PreparedData) -> dict[str, Any]:
    """What names prepared data, and what a person would tell a change of them by."""
    manifest = data.manifest
    return {
        "hash": data.hash,
        "sources": {source["name"]: dict(source) for source in manifest.sources},
        "splits": dict(manifest.splits),
        "tags": manifest.tags,
        "dropped": dict(manifest.dropped),
        "text_version": manifest.text_version,
    }


def silent(line: str) -> None:
    """Say nothing, as the processes that follow."""


def open_or_prepare(config: RunConfig, say: Say) -> PreparedData:
    """The prepared data of a config; prepared now if the folder is not there.

    Raises:
        ConfigError: the folder was prepared with other settings.
    """
    target = config.data.output
    if not target.exists():
        say(f"preparing {target}")
        prepare(config.data)
    data = PreparedData.open(target)
    changed = differences(dict(data.config), config.data.model_dump(mode="json"), "data")
    if changed:
        raise ConfigError(
            f"{target} was prepared with other settings than the `data` of this config:\n"
            + "\n".join(f"  {line}" for line in changed)
            + "\nprepare it anew by `svodka prepare`, or give it another folder by data.output=…"
        )
    return data


def _inputs(config: RunConfig, folder: RunFolder, data: PreparedData) -> Inputs:
    if not len(data.labels) and config.model.tags.weight:
        raise DataError(f"{config.data.output} holds no tags; lower data.tags.min_count, or set model.tags.weight=0")
    tokenizer = _tokenizer(config, folder, data)
    window = config.model.window
    encoder = ArticleEncoder(tokenizer, window.tokens, overlap=window.overlap, limit=window.limit)
    featuriser = Featuriser(encoder, data.labels, config.model, format_for(config.model, tokenizer))
    splits = {n: featurise(data.dataset(n), featuriser, folder.cache, data_hash=data.hash) for n in SPLITS}
    if not len(splits["train"]):
        raise DataError(f"{config.data.output} has no article to train on; look at the drops in its manifest.json")
    return Inputs(data, tokenizer, splits)


def _tokenizer(config: RunConfig, folder: RunFolder, data: PreparedData) -> PreTrainedTokenizerBase:
    if folder.tokenizer.exists():
        return AutoTokenizer.from_pretrained(folder.tokenizer, local_files_only=True)
    tokenizer = load_tokenizer(config.model)
    if tokenizer is None:
        rows = data.dataset("train")
        texts = (row[key] for row in rows for key in ("title", "summary", "text") if row[key])
        # Without a decoder the first token is a summary of the text for BERT and its kin.
        tokenizer = train_tokenizer(texts, config.model.tokenizer, start_token=not config.model.decoder.weight)
    with written_beside(folder.tokenizer) as fresh:
        tokenizer.save_pretrained(fresh)
    return tokenizer


def _write_history(trainer: Trainer, folder: RunFolder) -> None:
    write_text(folder.history, "".join(json.dumps(entry) + "\n" for entry in trainer.state.log_history))
