"""A training run, from a config to a bundle."""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from torch import Tensor
from transformers import AutoTokenizer, PreTrainedTokenizerBase, Trainer, TrainerCallback, set_seed

from svodka.bundle import load_bundle, save_bundle
from svodka.bundle.files import BundlePaths
from svodka.config.base import Section
from svodka.config.training import RunConfig, check_trains
from svodka.errors import ConfigError, DataError
from svodka.files import write_text, written_beside
from svodka.labels import TagVocabulary
from svodka.model.backbones import hidden_width
from svodka.model.encoding import ArticleEncoder
from svodka.model.names import encoded_names
from svodka.model.news_model import NewsModel
from svodka.progress import Say
from svodka.training.adapter import ADAPTER, merge_adapter, save_adapter
from svodka.training.build import build_model, format_for
from svodka.training.callbacks import LossGuard, SaveBetween, StopOnSignal
from svodka.training.data import open_or_prepare
from svodka.training.features import Collator, Featuriser
from svodka.training.make_bundle import Inputs, make_bundle
from svodka.training.means import add_means
from svodka.training.mixture import Mixture
from svodka.training.names import name_reader, name_texts, read_names
from svodka.training.order import EpochOrder
from svodka.training.processes import Processes
from svodka.training.run_folder import RunFolder
from svodka.training.states import StateStore, WithStates
from svodka.training.tokenizer import check_known, load_tokenizer, train_tokenizer
from svodka.training.topic_words import add_topic_words
from svodka.training.trainer import make_trainer, on_cpu, run_to_end, training_rows, whole_model

_STRAYS = 5  # tags that are named in an error


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
    check_trains(config)
    processes = Processes.join(cpu=on_cpu(config.training))
    say = say if processes.is_leader else silent
    with processes.leader_first():
        data = open_or_prepare(config, say, resume=resume)

    def make(folder: RunFolder) -> None:
        _train(config, folder, data, processes=processes, say=say, watch=watch)

    return made_once(config, data, make=make, processes=processes, resume=resume, say=say)


def _train(
    config: RunConfig, folder: RunFolder, data: Mixture, *,
    processes: Processes, say: Say, watch: Sequence[TrainerCallback],
) -> None:  # fmt: skip
    set_seed(config.seed)
    with processes.leader_first():
        inputs = _inputs(config, folder, data)
    _check_beginnings(config, inputs)
    own, source = config.model.tokenizer.path, config.model.backbone.pretrained
    if own and source:
        say(f"the tokenizer is that of {own}: if {source} was pretrained with another, its pieces mean others")
    say(", ".join(f"{len(rows)} {name}" for name, rows in inputs.splits.items()) + f", {len(data.labels)} tags")
    model = build_model(config, inputs.tokenizer, inputs.splits["train"], known=data.known())
    learning = model.num_parameters(only_trainable=True)
    say(f"{model.num_parameters():,} parameters, {learning:,} of them trained, {len(inputs.tokenizer):,} pieces")
    with processes.leader_first():
        splits = _made_ready(config, inputs, model, say=say)
    names = _names(config, inputs)
    if names and config.model.teaching.teacher is None:  # else they are as its teacher reads them
        read_names(model, names)
    stop = StopOnSignal()
    reader = [name_reader(config, names)] if names else []
    collator = Collator(inputs.tokenizer, data.known(), config.model, data.given())
    saving = [SaveBetween(config.training.save_steps)] if config.training.save_steps else []
    trainer = make_trainer(
        config, folder, model,
        splits=splits,
        collator=collator,
        callbacks=[stop, *saving, LossGuard(model, data.train_ids()), *reader, *watch],
    )  # fmt: skip
    run_to_end(trainer, folder, stop, say=say)
    trained = whole_model(trainer)
    if processes.is_leader:
        _write_history(trainer, folder)
        if config.training.lora is not None:
            save_adapter(trained, folder.root / ADAPTER)
            merge_adapter(trained)
        if names:
            read_names(trained, names)  # by the encoder as it is now, which later names will be read by
        if _reads_means(config):
            add_means(config, trained, splits["train"], collator, say=say)
        if hasattr(trained, "topic_words"):
            add_topic_words(config.model.topics, trained, data, _encoder(config, inputs.tokenizer), say)
        held_out, history = splits["validation"], trainer.state.log_history
        bundle = make_bundle(config, inputs, trained, held_out=held_out, history=history)
        save_bundle(bundle, folder.bundle, weights=config.bundle.weights)
        folder.end()
    processes.wait()


def made_once(
    config: RunConfig, data: Mixture, *,
    make: Callable[[RunFolder], None], processes: Processes, resume: bool, say: Say,
) -> Path:  # fmt: skip
    """The bundle of a run, made in its folder unless the run that lies there has ended.

    Args:
        config: of the run.
        data: what it reads.
        make: fills the folder, the bundle too.
        processes: that make it together.
        resume: go on with the run that lies in the folder.
        say: takes a line for the person who watches.

    Raises:
        ConfigError: the folder holds another run, or another process has it.
    """
    folder = RunFolder(config.output)
    with open_folder(folder, config, data.facts, processes=processes, resume=resume) as ended:
        if ended and folder.bundle.exists():
            say(f"{folder.root} has ended already; its bundle is as it was")
        else:
            make(folder)
            say(f"bundle: {folder.bundle}")
    return folder.bundle


@contextmanager
def open_folder(
    folder: RunFolder, config: Section, data: Mapping[str, Any], *, processes: Processes, resume: bool
) -> Iterator[bool]:
    """Begin a run or go on with it, in all processes, and keep its folder while the block runs.

    Yields:
        Whether the run has ended already.
    """
    with folder.locked() if processes.is_leader else nullcontext():
        with processes.leader_first():
            # What the leader has begun just now the others join.
            follows = processes.count > 1 and not processes.is_leader
            folder.open(config, data, processes=processes.count, resume=resume or follows)
            if processes.is_leader:
                folder.drop_broken_checkpoints(processes.count)
        yield folder.ended


def silent(line: str) -> None:
    """Say nothing, as the processes that follow."""


def _inputs(config: RunConfig, folder: RunFolder, data: Mixture) -> Inputs:
    if not len(data.labels) and config.model.tags.weight:
        raise DataError(f"{config.data.output} holds no tags; lower data.tags.min_count, or set model.tags.weight=0")
    tokenizer = _tokenizer(config, folder, data)
    featuriser = Featuriser(_encoder(config, tokenizer), data.labels, config.model, format_for(config.model, tokenizer))
    splits = data.encoded(featuriser, folder.cache)
    if not len(splits["train"]):
        raise DataError(f"{config.data.output} has no article to train on; look at the drops in its manifest.json")
    check_known(tokenizer, splits["train"])
    return Inputs(data, tokenizer, splits)


def _encoder(config: RunConfig, tokenizer: PreTrainedTokenizerBase) -> ArticleEncoder:
    window = config.model.window
    return ArticleEncoder(tokenizer, window.tokens, overlap=window.overlap, limit=window.limit)


def _check_beginnings(config: RunConfig, inputs: Inputs) -> None:
    """Raise a ConfigError for a bundle to begin with in which a row of tags, or a piece, means something else."""
    for field, bundle in (("start", config.start), ("model.teaching.teacher", config.model.teaching.teacher)):
        if bundle is None or not (paths := BundlePaths(bundle)).manifest.is_file():
            continue  # one that is not there is told of when it is loaded
        tags, own = TagVocabulary.load(paths.labels).names, inputs.data.labels.names
        if config.model.tags.weight and tags != own:
            strays = sorted(set(tags) ^ set(own))
            told = ", ".join(strays[:_STRAYS]) + (", …" if len(strays) > _STRAYS else "")
            raise ConfigError(f"{field}: {bundle} has other tags than these corpora: {told}")
        if (
            AutoTokenizer.from_pretrained(paths.tokenizer, local_files_only=True, trust_remote_code=False).get_vocab()
            != inputs.tokenizer.get_vocab()
        ):
            raise ConfigError(
                f"{field}: {bundle} has another tokenizer; take its own by model.tokenizer.path={paths.tokenizer}"
            )


def _made_ready(config: RunConfig, inputs: Inputs, model: NewsModel, *, say: Say) -> dict[str, Any]:
    """The splits as the Trainer reads them: in the order of the epochs, with the states of a frozen backbone."""
    settings, draws = config.training, inputs.data.draws
    if settings.states is None:
        return {**inputs.splits, "train": training_rows(config, inputs.splits["train"], draws=draws)}
    teacher = config.model.teaching.teacher
    reader = model if teacher is None else load_bundle(teacher).model
    store = StateStore.of(settings.states, reader.backbone, hidden_width(reader.config.backbone))
    ordered = training_rows(config, inputs.splits["train"], draws=draws, store=store)
    held_out = [row["input_ids"] for row in inputs.splits["validation"]] if teacher is None else []
    store.fill([*ordered.read(_epochs(config, ordered), besides=_besides(config, inputs, ordered)), *held_out],
               reader.eval().token_states, pad_id=inputs.tokenizer.pad_token_id, say=say)  # fmt: skip
    rows = inputs.splits["validation"]
    return {"train": ordered, "validation": WithStates(rows, store) if teacher is None else rows}


def _besides(config: RunConfig, inputs: Inputs, rows: EpochOrder) -> Iterable[int]:
    """Positions of the training rows that `add_means` reads, whatever the epochs read."""
    if config.model.topics.weight and config.model.topics.states:
        return range(rows.size)
    return rows.telling(inputs.data.known()) if config.model.tags.lexical_states else ()


def _epochs(config: RunConfig, rows: EpochOrder) -> int:
    """How many epochs a run reads, the last one perhaps in part."""
    settings = config.training
    return math.ceil(settings.epochs if settings.max_steps < 1 else settings.max_steps / rows.steps)


def _reads_means(config: RunConfig) -> bool:
    return bool(config.model.tags.lexical_states or config.model.topics.states)


def _names(config: RunConfig, inputs: Inputs) -> dict[str, Tensor]:
    """The encoded names of the tag head's rows; nothing where it does without."""
    tasks = config.model
    if not tasks.tags.named or not (tasks.tags.weight or tasks.topics.weight):
        return {}
    tags = inputs.data.labels.names if tasks.tags.weight else ()
    return encoded_names(name_texts(tags, topics=bool(tasks.topics.weight)), inputs.tokenizer)


def _tokenizer(config: RunConfig, folder: RunFolder, data: Mixture) -> PreTrainedTokenizerBase:
    if folder.tokenizer.exists():
        return AutoTokenizer.from_pretrained(folder.tokenizer, local_files_only=True, trust_remote_code=False)
    tokenizer = load_tokenizer(config.model)
    if tokenizer is None:
        rows = data.corpora[0].data.dataset("train")
        texts = (row[key] for row in rows for key in ("title", "summary", "text") if row[key])
        # Without a decoder the first token is a summary of the text for BERT and its kin.
        tokenizer = train_tokenizer(texts, config.model.tokenizer, start_token=not config.model.decoder.weight)
    with written_beside(folder.tokenizer) as fresh:
        tokenizer.save_pretrained(fresh)
    return tokenizer


def _write_history(trainer: Trainer, folder: RunFolder) -> None:
    write_text(folder.history, "".join(json.dumps(entry) + "\n" for entry in trainer.state.log_history))
