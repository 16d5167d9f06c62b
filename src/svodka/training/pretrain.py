"""Masked pretraining of an encoder on the prepared texts, before it is fine-tuned on their tags and summaries.

The result is an ordinary pretrained backbone: a folder that `model.backbone.pretrained` of a training config names.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset
from transformers import (
    AutoModelForMaskedLM,
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Trainer,
    set_seed,
)

from svodka.config.data import DataConfig
from svodka.config.pretraining import CorpusConfig, PretrainConfig
from svodka.config.training import ModelSection
from svodka.data.store import PreparedData
from svodka.errors import ConfigError, DataError
from svodka.files import write_json, written_beside
from svodka.model.backbones import attention_implementation, backbone_config, position_limit, told_unreadable
from svodka.model.encoding import special_tokens
from svodka.progress import Say
from svodka.text import split_sentences
from svodka.training.callbacks import StopOnSignal, tensorboard
from svodka.training.data import check_fresh
from svodka.training.embeddings import cooccurrence, factorised
from svodka.training.mixture import data_facts
from svodka.training.processes import Processes
from svodka.training.run import open_folder, silent
from svodka.training.run_folder import STORY, RunFolder
from svodka.training.tokenizer import load_tokenizer, train_tokenizer
from svodka.training.trainer import on_cpu, pretraining_arguments, run_to_end

_VALIDATION_BLOCKS = 400
_BREAK = -1  # between articles: no pair of tokens is counted across it


@dataclass(frozen=True)
class Texts:
    """Tokens of all articles, one after another, `_BREAK` between two."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]


class Blocks(Dataset[dict[str, Tensor]]):
    """A stream of tokens cut into blocks of equal length, special tokens around each.

    A block says as its `place` where it stands among the blocks of all epochs.
    """

    def __init__(self, stream: NDArray[np.int64], size: int, *, around: tuple[list[int], list[int]], end: int) -> None:
        """Cut `stream`; `end` is the token written between articles. What does not fill a last block is dropped."""
        self._prefix, self._suffix = (torch.tensor(ids, dtype=torch.int64) for ids in around)
        room = size - len(self._prefix) - len(self._suffix)
        whole = len(stream) // room * room
        plain = np.where(stream[:whole] == _BREAK, end, stream[:whole]).astype(np.int32)
        self._blocks = torch.from_numpy(plain).view(-1, room)
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Take up an epoch; accelerate's loader calls this."""
        self._epoch = epoch

    def __len__(self) -> int:
        return len(self._blocks)

    def __getitem__(self, position: int) -> dict[str, Tensor]:
        ids = torch.cat([self._prefix, self._blocks[position].long(), self._suffix])
        return {"input_ids": ids, "place": torch.tensor(self._epoch * len(self) + position)}


class Masking:
    """Batches with masked tokens (Devlin et al. 2019), known from the seed and the blocks' places alone.

    Masks drawn from the global generator would be others after a resumption in mid-epoch: the loader reads a batch
    ahead. A validation block, whose epoch never changes, is masked alike each time.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, share: float, *, seed: int) -> None:
        """Mask a `share` of the tokens."""
        self._collator = DataCollatorForLanguageModeling(tokenizer, mlm=True, mlm_probability=share)
        self._seed = seed

    def __call__(self, blocks: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
        """Blocks of one length -> `input_ids`, `attention_mask` and `labels` [b, t]."""
        places = tuple(int(block["place"]) for block in blocks)
        digest = hashlib.sha256(repr((self._seed, places)).encode()).digest()
        self._collator.generator = torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)
        batch: dict[str, Tensor] = dict(self._collator([{"input_ids": block["input_ids"]} for block in blocks]))
        return batch


def pretrain(config: PretrainConfig, *, resume: bool = False, say: Say = print) -> Path:
    """Train the tokenizer, start the embeddings, guess masked tokens, save the backbone.

    Args:
        config: what to do.
        resume: go on from the last checkpoint of the run folder.
        say: takes a line for the person who watches.

    Returns:
        The backbone's folder.

    Raises:
        ConfigError: the config cannot be carried out, or the run folder holds another run.
        DataError: the prepared data cannot be read, or hold too little text.
        StoppedError: a signal stopped the run.
    """
    processes = Processes.join(cpu=on_cpu(config.training))
    say = say if processes.is_leader else silent
    corpora = [(PreparedData.open(corpus.path), corpus) for corpus in config.corpora]
    for data, _ in corpora:
        if data.manifest.made_of:
            check_fresh(data, DataConfig.model_validate(data.config), say, resume=resume)
    folder = RunFolder(config.output)
    target = folder.root / "backbone"
    facts = _facts([data for data, _ in corpora])
    with open_folder(folder, config, facts, processes=processes, resume=resume) as ended:
        if ended and target.exists():
            say(f"{folder.root} has ended already; its backbone is as it was")
        else:
            _pretrain(config, folder, corpora, processes=processes, say=say)
            say(f"backbone: {target}")
    return target


def _pretrain(
    config: PretrainConfig, folder: RunFolder, corpora: Sequence[tuple[PreparedData, CorpusConfig]], *,
    processes: Processes, say: Say,
) -> None:  # fmt: skip
    target = folder.root / "backbone"
    set_seed(config.seed)
    with processes.leader_first():
        tokenizer = _tokenizer(config, folder, corpora)
    texts = Texts(
        train=_stream(corpora, "train", tokenizer, seed=config.seed),
        validation=_stream(corpora, "validation", tokenizer, seed=config.seed),
    )
    say(f"{len(texts.train):,} tokens to read, {len(tokenizer):,} pieces")
    model = _model(config, tokenizer, texts.train, fresh=folder.last_checkpoint(processes.count) is None)
    say(f"{model.num_parameters():,} parameters")
    stop = StopOnSignal()
    trainer = _trainer(config, folder, model, tokenizer=tokenizer, texts=texts, stop=stop)
    run_to_end(trainer, folder, stop, say=say)
    if processes.is_leader:
        with written_beside(target) as fresh:
            model.save_pretrained(fresh)
            tokenizer.save_pretrained(fresh)
            write_json(fresh / STORY, _story(config, [data for data, _ in corpora], trainer))
        folder.end()
    processes.wait()


def _story(config: PretrainConfig, corpora: Sequence[PreparedData], trainer: Trainer) -> dict[str, Any]:
    losses = [entry["eval_loss"] for entry in trainer.state.log_history if "eval_loss" in entry]
    return {
        "method": f"masked tokens ({config.mask:.0%}), embeddings started from co-occurrence"
        if config.embeddings.cooccurrence
        else f"masked tokens ({config.mask:.0%})",
        "steps": trainer.state.global_step,
        "validation_loss": min(losses, default=None),
        "data": [data.hash for data in corpora],
        "sources": [origin for data in corpora for origin in data.origins],
        "config": config.model_dump(mode="json"),
        "log": trainer.state.log_history,
    }


def _facts(corpora: Sequence[PreparedData]) -> dict[str, Any]:
    name = hashlib.sha256("\n".join(data.hash for data in corpora).encode()).hexdigest()
    return {"hash": name} | {str(data.folder): data_facts(data) for data in corpora}


def _tokenizer(
    config: PretrainConfig, folder: RunFolder, corpora: Sequence[tuple[PreparedData, CorpusConfig]]
) -> PreTrainedTokenizerBase:
    if folder.tokenizer.exists():
        return AutoTokenizer.from_pretrained(folder.tokenizer, local_files_only=True, trust_remote_code=False)
    tokenizer = load_tokenizer(ModelSection(backbone=config.backbone, tokenizer=config.tokenizer))
    if tokenizer is None:
        texts = chain.from_iterable(_parts(data, corpus, "train", seed=config.seed) for data, corpus in corpora)
        tokenizer = train_tokenizer(chain.from_iterable(texts), config.tokenizer, start_token=True)
    if tokenizer.mask_token_id is None:
        raise ConfigError("masked pretraining needs a tokenizer with a mask token")
    with written_beside(folder.tokenizer) as fresh:
        tokenizer.save_pretrained(fresh)
    return tokenizer


def _parts(data: PreparedData, corpus: CorpusConfig, split: str, *, seed: int) -> Iterator[list[str]]:
    """The texts of each chosen article: title, summary, sentences of the body."""
    rows = data.dataset(split)
    generator = np.random.default_rng(seed)
    chosen = generator.permutation(len(rows))[: round(corpus.share * len(rows))]
    for row in rows.select(np.sort(chosen)):
        body = [sentence.text for sentence in split_sentences(row["text"])]
        yield [text for text in (row["title"], row["summary"], *body) if text]


def _stream(
    corpora: Sequence[tuple[PreparedData, CorpusConfig]], split: str, tokenizer: PreTrainedTokenizerBase, *, seed: int
) -> NDArray[np.int64]:
    pieces: list[NDArray[np.int64]] = []
    for data, corpus in corpora:
        for texts in _parts(data, corpus, split, seed=seed):
            ids = tokenizer(texts, add_special_tokens=False, verbose=False)["input_ids"]
            pieces.append(np.array([*chain.from_iterable(ids), _BREAK], dtype=np.int64))
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int64)


def _model(
    config: PretrainConfig, tokenizer: PreTrainedTokenizerBase, stream: NDArray[np.int64], *, fresh: bool
) -> PreTrainedModel:
    settings = backbone_config(config.backbone, tokenizer)
    limit = position_limit(settings)
    if limit is not None and config.tokens > limit:
        raise ConfigError(f"tokens: {config.tokens}, but this backbone reads at most {limit}")
    try:
        if config.backbone.pretrained is not None:
            with told_unreadable("backbone.pretrained", config.backbone.pretrained):
                return AutoModelForMaskedLM.from_pretrained(
                    config.backbone.pretrained,
                    revision=config.backbone.revision,
                    dtype=torch.float32,
                    trust_remote_code=False,
                )
        model = AutoModelForMaskedLM.from_config(
            settings, attn_implementation=attention_implementation(config.backbone.attention)
        )
    except (OSError, ValueError) as error:
        raise ConfigError(f"backbone: cannot be pretrained by masking: {error}") from error
    if fresh and config.embeddings.cooccurrence:
        _start_embeddings(model, config, stream)
    return model


def _start_embeddings(model: PreTrainedModel, config: PretrainConfig, stream: NDArray[np.int64]) -> None:
    weight = model.get_input_embeddings().weight
    counts = cooccurrence(stream, weight.shape[0], config.embeddings.window)
    vectors = factorised(counts, weight.shape[1], smoothing=config.embeddings.smoothing, seed=config.seed)
    seen = torch.from_numpy(vectors.any(axis=1))
    with torch.no_grad():
        # Scaled as random embeddings are, so that the tied output layer starts as flat as theirs.
        weight[seen] = torch.from_numpy(vectors[vectors.any(axis=1)]).to(weight) * weight.std()


def _trainer(
    config: PretrainConfig, folder: RunFolder, model: PreTrainedModel, *,
    tokenizer: PreTrainedTokenizerBase, texts: Texts, stop: StopOnSignal,
) -> Trainer:  # fmt: skip
    around = special_tokens(tokenizer)
    end = tokenizer.sep_token_id if tokenizer.sep_token_id is not None else tokenizer.eos_token_id
    train, validation = (
        Blocks(stream, config.tokens, around=around, end=end) for stream in (texts.train, texts.validation)
    )
    if not len(train):
        raise DataError(f"{len(texts.train)} tokens do not fill one block of {config.tokens}")
    few: Any = torch.utils.data.Subset(validation, range(min(len(validation), _VALIDATION_BLOCKS)))
    return Trainer(
        model=model,
        args=pretraining_arguments(config, folder, validates=len(few) > 0),
        data_collator=Masking(tokenizer, config.mask, seed=config.seed),
        train_dataset=train,
        eval_dataset=few if len(few) else None,
        callbacks=[stop, *tensorboard(folder.logs)],
    )
