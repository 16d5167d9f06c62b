"""What a model that stays as it is makes of articles: all that a tag can learn from, read once.

b: articles of a batch, n: articles, t: token states, d: their width, m: tags, h: width of the lexical networks,
v: columns of the lexical branch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from svodka.article import Article
from svodka.bundle import Bundle
from svodka.engines.batches import batches, budget
from svodka.engines.result import EngineResult
from svodka.engines.side_by_side import side_by_side
from svodka.learning.fit import Features, Floats
from svodka.learning.kept import KeptStates
from svodka.model.batch import pad_encodings
from svodka.model.encoding import ArticleEncoder, Encoding
from svodka.model.reading import WindowEncoder
from svodka.progress import Progress
from svodka.tagging import Tagger

# Of one article: log-odds [m], what the attention sees [m, d], tf-idf, hidden layer [h].
_Row = tuple[Floats, Any, Any, Any]


@dataclass(frozen=True)
class Readings:
    """What was read of articles.

    Attributes:
        odds: log-odds of each tag [n, m], with what its name adds where it stands in the article.
        attended: what each tag's attention sees [n, m, d]; the readout's input.
        words: what the linear part of the lexical branch reads of each article: columns of v, and the tf-idf of each;
            None where there is no branch.
        hidden: the lexical networks' hidden layer [n, h]; None where there are none.
    """

    odds: Floats
    attended: Floats
    words: Sequence[tuple[NDArray[np.int64], Floats]] | None
    hidden: Floats | None

    def features(self, tag: int) -> list[Features]:
        """Features of the articles that a tag can learn from: those of its readout, then those of its output."""
        attended = Features.of(self.attended[:, tag].astype(np.float64))
        return [attended] if self._of_networks is None else [attended, self._of_networks]

    @cached_property
    def _of_networks(self) -> Features | None:
        return None if self.hidden is None else Features.of(self.hidden.astype(np.float64))


def read(
    bundle: Bundle, articles: Sequence[Article], say: Callable[[str], None] = lambda line: None, *,
    kept: KeptStates | None = None,
) -> Readings:  # fmt: skip
    """Read articles with a bundle whose tags are those to learn.

    Args:
        bundle: its model is read with as it is.
        articles: cleaned.
        say: takes a line on how far it is.
        kept: of the same encoder; holds what was read before, and then what is read now.
    """
    encodings = ArticleEncoder.of(bundle.tokenizer, bundle.model.config).encode(list(articles))
    most = budget(str(bundle.model.tag_head.bias.device), writes=False)
    parts = list(batches(encodings, most))
    encoder = None if kept is None else kept.encoder(bundle.model.token_states)
    compute = partial(_batch, bundle, Tagger.of(bundle), encoder)
    found: dict[int, _Row] = {}
    progress = Progress(say, unit="articles", total=len(articles))
    given = ([encodings[i] for i in part] for part in parts)
    for part, rows in zip(parts, (side_by_side if most.side_by_side else map)(compute, given), strict=True):
        found.update(zip(part, rows, strict=True))
        progress.at(len(found))
    odds, attended, words, hidden = zip(*(found[i] for i in range(len(articles))), strict=True)
    return Readings(
        np.array(odds),
        np.array(attended),
        None if words[0] is None else words,
        None if hidden[0] is None else np.array(hidden),
    )


@torch.inference_mode()
def _batch(bundle: Bundle, tagger: Tagger, encoder: WindowEncoder | None, encodings: Sequence[Encoding]) -> list[_Row]:
    model, head = bundle.model, bundle.model.tag_head
    padded = pad_encodings(encodings, bundle.tokenizer.pad_token_id)
    batch = {name: tensor.to(head.bias.device) for name, tensor in padded.items()}
    states = model.encode(batch["input_ids"], batch["attention_mask"], encoder)
    ids, owners = batch["input_ids"].flatten(1), batch["sentence_ids"].flatten(1)
    evidence, logits, *_ = model.read_labels(states, ids, owners, int(batch["n_sentences"].max()))
    attended = _attended(head, states, owners >= 0, len(bundle.labels)).cpu().numpy()
    assert logits is not None and evidence is not None  # there are tags  # noqa: PT018
    lexical = model.config.heads.tags.lexical
    words, hidden = model.branch_reads(states, ids, owners) if lexical else (None, None)
    rows = []
    for row, encoding in enumerate(encodings):
        shares = evidence[row, :, : encoding.n_read].double().cpu().numpy()
        result = EngineResult(logits[row].double().cpu().numpy(), shares, np.zeros(0), None)
        scores = np.clip(tagger.read(encoding, result)[0], 1e-12, 1 - 1e-12)
        layer = None if hidden is None else hidden[row].cpu().numpy()
        odds = np.log(scores / (1 - scores))
        rows.append((odds, attended[row], None if words is None else _told(words[row]), layer))
    return rows


def _attended(head: Any, states: Tensor, mask: Tensor, n_tags: int) -> Tensor:
    """[b, t, d] -> what each tag's attention sees [b, m, d]: its share of a logit is linear in this."""
    query = head.vectors()[0][:n_tags]
    states = head.norm(states)
    scores = (torch.tanh(head.project(states)) @ query.T).masked_fill(~mask.unsqueeze(-1), torch.finfo(query.dtype).min)
    attention = scores.softmax(dim=1) * mask.unsqueeze(-1)
    found: Tensor = attention.transpose(1, 2) @ states
    return found


def _told(row: Tensor) -> tuple[NDArray[np.int64], Floats]:
    """The columns of a row [v] that are not 0, and their values."""
    columns = row.nonzero().squeeze(-1)
    return columns.cpu().numpy(), row[columns].double().cpu().numpy()
