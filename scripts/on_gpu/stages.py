"""The stages of a run within a quarter of an hour: twelve layers learn, six learn from them, a decoder learns on top.

1. All layers but the embeddings are fine-tuned on tags, topics and texts at once; what is written of 70,000 articles
   keeps the encoder from learning 5,000 tagged ones by heart.
2. Fewer layers learn their token states (as DistilBERT does, Sanh et al. 2019), their probabilities of tags and topics,
   and the tasks. They are some of the twelve, or those of the bundle that was packed, if it has fewer; these teach too
   then: probabilities are learnt from the mean of both networks' logits.
3. These layers stay, rounded to what a bundle keeps; the decoder learns on.

A stage lasts so many seconds, and its learning rate falls with the time: how fast a device is need not be known.
"""

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from on_gpu.material import Material
from on_gpu.network import compile_layers, round_to_int8, some_layers, states_of
from on_gpu.parts import Parts, amp, head_of, read_names, validate, watch
from on_gpu.steps import Clock, optimizer_of, set_rates, take_step
from on_gpu.tasks import distance, label_logits, tag_loss, topic_loss, writing_loss
from on_gpu.windows import Batch
from svodka.model.teaching import state_distance

_HEAD_RATES = (5e-4, 3e-4)  # in the first stage and the second
_WRITER_RATE = 4e-4  # in both
_LAYER_DECAY = 0.9  # a lower layer of the first stage learns so much more slowly than the one above
_MASKED = 0.1  # share of the tokens that are hidden from those who learn tags and topics
_NAMES_EVERY = 100  # steps
_REST = 0.25  # of the second stage, before names are read by layers that know nothing yet
_KINDS = (0.55, 0.15, 0.3)  # headlines, sentences taken out, summaries
_KINDS_ALONE, _KINDS_AT_LAST, _LAST = (0.6, 0.15, 0.25), (0.45, 0.0, 0.55), 0.6  # and in the third stage
_SMOOTHING = 0.1
_WARM, _TIMED = 4, 8  # steps by which a compiled network is compared


@dataclass
class Stages:
    """The stages over some material; `say` takes facts on how far they are."""

    material: Material
    say: Callable[[Mapping[str, Any]], None]

    def __post_init__(self) -> None:
        torch.manual_seed(self.material.plan.seed)
        if self.material.device.type == "cuda":
            torch.set_float32_matmul_precision("high")
            # cuDNN plans its attention anew for every shape, which takes longer than a step.
            torch.backends.cuda.enable_cudnn_sdp(False)

    def fine_tune(self, parts: Parts) -> None:
        """The first stage."""
        self._learn(parts, number=0)

    def teach(self, teacher: Parts, layers: Sequence[int], *, earlier: Parts | None = None, number: int = 1) -> Parts:
        """The second stage: fewer layers learn from `teacher`, whose decoder they take over.

        Args:
            layers: those of the teacher to begin with.
            earlier: a network to begin with in their place, and to learn from beside the teacher.
            number: of the stage, by which its seconds are found.
        """
        device, teachers = self.material.device, [teacher]
        if earlier is None:
            encoder = some_layers(teacher.encoder, layers, dropout=0.0).to(device)
            student = Parts(encoder, head_of(teacher.head.state_dict()).to(device), teacher.writer)
        else:
            student = earlier.copy()
            teachers.append(earlier)
        for one in teachers:
            one.freeze()
        self._learn(student, number=number, teachers=teachers)
        return student

    def write_on(self, parts: Parts) -> None:
        """The third stage."""
        material, plan = self.material, self.material.plan
        parts.encoder.eval().requires_grad_(False)
        round_to_int8(parts.encoder.encoder)
        read_names(parts, material.articles, material.device)
        optimizer = optimizer_of([(parts.writer, plan.rates[2])], material.device, decay=0.01)
        clock = Clock(plan.seconds[2])
        parts.writer.train()
        while clock.goes_on:
            set_rates(optimizer, clock.gone)
            shares = _KINDS_ALONE if clock.gone < _LAST else _KINDS_AT_LAST
            batch, texts = material.texts(shares, plan.batches[3])
            with amp(material.device):
                with torch.no_grad():
                    (states,) = states_of(parts.encoder, [batch])
                loss = self._writing(parts, batch, states, texts)
            take_step(optimizer, loss)
            clock.step += 1
        self.say({"stage": 3, "steps": clock.step, "loss": watch(parts, material)})

    def _learn(self, parts: Parts, *, number: int, teachers: Sequence[Parts] = ()) -> None:
        material, plan = self.material, self.material.plan
        if plan.compiled:
            self._compile(parts, teachers)
        layers = list(parts.encoder.encoder.layer)
        taught = int(bool(teachers))
        decay = 1.0 if taught else _LAYER_DECAY
        rated = [(layer, plan.rates[taught] * decay**above) for above, layer in enumerate(reversed(layers))]
        optimizer = optimizer_of(
            [*rated, (parts.head, _HEAD_RATES[taught]), (parts.writer, _WRITER_RATE)], material.device
        )
        clock, told = Clock(plan.seconds[number]), 0
        parts.train()
        while clock.goes_on:
            set_rates(optimizer, clock.gone)
            if clock.step % _NAMES_EVERY == 0 and (not teachers or clock.gone > _REST):
                read_names(parts, material.articles, material.device)
            losses = self._losses(parts, teachers)
            take_step(optimizer, torch.stack(list(losses.values())).sum())
            clock.step += 1
            if clock.gone * 4 >= told + 1:
                told += 1
                with clock.stopped():
                    seen = {name: round(float(loss.detach()), 3) for name, loss in losses.items()}
                    precision = validate(parts, material)
                    self.say({"stage": number + 1, "step": clock.step, "losses": seen, "precision": precision})
        read_names(parts, material.articles, material.device)
        told_last = {"precision": validate(parts, material), "loss": watch(parts, material)}
        self.say({"stage": number + 1, "steps": clock.step, **told_last})

    def _compile(self, parts: Parts, teachers: Sequence[Parts]) -> None:
        """Compile the layers, unless that fails or is no gain."""
        parts.train()
        torch.compiler.set_stance("force_eager")
        seconds = {"plain": self._seconds(parts, teachers)}
        torch.compiler.set_stance("default")
        try:
            for one in (parts, *teachers):
                compile_layers(one.encoder)
            seconds["compiled"] = self._seconds(parts, teachers)
        except Exception as error:  # whatever a compiler may raise: the run goes on without it
            self.say({"compiling failed": repr(error)[:300]})
        if seconds.get("compiled", math.inf) > seconds["plain"]:
            torch.compiler.set_stance("force_eager")
        self.say({"seconds a step": seconds})

    def _seconds(self, parts: Parts, teachers: Sequence[Parts]) -> float:
        """What a step takes, once it is warm; nothing is learnt by it."""
        found = []
        for _ in range(_WARM + _TIMED):
            began = time.monotonic()
            torch.stack(list(self._losses(parts, teachers).values())).sum().backward()  # type: ignore[no-untyped-call]
            if self.material.device.type == "cuda":
                torch.cuda.synchronize()
            found.append(time.monotonic() - began)
        for module in (parts.encoder, parts.head, parts.writer):
            module.zero_grad(set_to_none=True)
        return statistics.mean(found[_WARM:])

    def _losses(self, parts: Parts, teachers: Sequence[Parts]) -> dict[str, Tensor]:
        """The losses of one step by name."""
        material, per_article = self.material, self.material.labels.per_article
        tagged, tags, topics = material.tagged()
        topical, alone = material.topical()
        read, texts = material.texts(_KINDS, material.plan.batches[2])
        batches, n_tags = [tagged, topical, read], tags.shape[1]
        with amp(material.device):
            states = states_of(
                parts.encoder, batches, masked=(_MASKED, _MASKED, 0.0), mask=material.articles.special["mask"]
            )
            # What is read to write a text has no labels; a teacher's probabilities of it are learnt all the same.
            labelled = len(batches) if teachers else 2
            logits = [label_logits(parts.head, *pair) for pair in zip(batches[:labelled], states, strict=False)]
            losses = {
                "tags": tag_loss(logits[0][:, :n_tags], tags, per_article),
                "topics": 2 * topic_loss(logits[0][:, n_tags:], topics),
                "topics_alone": 2 * topic_loss(logits[1][:, n_tags:], alone),
                "texts": self._writing(parts, read, states[2], texts) / 2,
            }
            if teachers:
                losses |= _taught(teachers, batches, states, logits=logits, per_article=per_article)
        return losses

    def _writing(self, parts: Parts, batch: Batch, states: Tensor, texts: tuple[Tensor, Tensor]) -> Tensor:
        total, count = writing_loss(
            parts.writer, batch, states, texts=texts, embedding=parts.embedding, smoothing=_SMOOTHING
        )
        return total / count


def _taught(
    teachers: Sequence[Parts], batches: Sequence[Batch], states: Sequence[Tensor], *, logits: Sequence[Tensor],
    per_article: float,
) -> dict[str, Tensor]:  # fmt: skip
    """How far token states are from the first teacher's, and probabilities from those of all teachers."""
    with torch.no_grad():
        read = [states_of(one.encoder, batches) for one in teachers]
        scores = [
            torch.stack([label_logits(one.head, batch, own[i]) for one, own in zip(teachers, read, strict=True)])
            for i, batch in enumerate(batches)
        ]
    apart = [state_distance(own, other, one.real) for own, other, one in zip(states, read[0], batches, strict=True)]
    unlike = [distance(own, each.float().mean(dim=0)) for own, each in zip(logits, scores, strict=True)]
    return {"states": 10 * torch.stack(apart).mean(), "chances": torch.stack(unlike).sum() / per_article / 2}
