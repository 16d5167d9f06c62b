"""The batcher: who is read together, who waits, and who fails alone."""

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from svodka import Annotator, Article, AsyncAnnotator
from svodka.answer_options import AnswerOptions
from svodka.answers import Scored
from svodka.article import Annotation, Summary
from svodka.async_annotator import MOST_ARTICLES, MOST_TAG_SETS, Answer
from svodka.errors import ConfigError, DataError, QueueFullError, SvodkaError
from svodka.tagsets import TagSet


class Model:
    """In an annotator's place: summaries are the texts, and a batch is computed when `go` is set.

    Attributes:
        batches: texts of each batch, by which they were computed.
        begun: set while a batch is computed.
    """

    def __init__(self, name: str = "", *, held: bool = False) -> None:
        self.name, self.batches, self.tag_sets = name, list[list[str]](), list[TagSet]()
        self.go, self.begun = threading.Event(), threading.Event()
        if not held:
            self.go.set()

    def scored(self, articles: Sequence[Article]) -> list[Scored]:
        self.begun.set()
        assert self.go.wait(60)
        self.batches.append([article.text for article in articles])
        if any("сломай" in article.text for article in articles):
            raise RuntimeError("the model fails")
        return [_scored(f"{self.name}{article.text}") for article in articles]

    def with_tags(self, tags: TagSet, choice: object) -> "Model":
        if tags.names == ("никакой",):
            raise ConfigError("no such tags")
        self.tag_sets.append(tags)
        other = Model(f"{tags.names[0]}: ")
        other.batches = self.batches
        return other


def _scored(text: str) -> Scored:
    return Scored(Annotation("", (), Summary(text, "extractive")), np.zeros(0), np.zeros(0), tokens=len(text.split()))


def over(model: Model, **settings: Any) -> AsyncAnnotator:
    return AsyncAnnotator(cast("Annotator", model), **settings)


def tags(*names: str) -> AnswerOptions:
    return AnswerOptions(tags=TagSet.of_names(names))


async def begun(model: Model) -> None:
    """Until the model computes."""
    assert await asyncio.to_thread(model.begun.wait, 60)


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 60))


def test_what_is_asked_while_a_batch_is_computed_is_computed_together() -> None:
    async def work() -> None:
        model, reports = Model(held=True), []
        async with over(model, on_batch=reports.append) as annotator:
            first = asyncio.create_task(annotator("Первая новость."))
            await begun(model)
            others = [asyncio.create_task(annotator(f"Новость {n}.")) for n in range(5)]
            await asyncio.sleep(0)
            assert annotator.waiting == 5
            model.go.set()
            found = await asyncio.gather(first, *others)
        assert [one.summary.text for one in found] == ["Первая новость.", *(f"Новость {n}." for n in range(5))]
        assert [len(batch) for batch in model.batches] == [1, 5]
        assert [(report.articles, report.tokens) for report in reports] == [(1, 2), (5, 10)]

    run(work())


def test_an_article_alone_waits_for_nobody() -> None:
    async def work() -> None:
        async with over(Model(), patience=3600) as annotator:
            for _ in range(2):
                assert await annotator("Одна новость.")

    run(work())


def test_callers_who_were_answered_together_are_awaited() -> None:
    async def work() -> None:
        model = Model(held=True)

        async def caller(name: str, annotator: AsyncAnnotator) -> None:
            for n in range(3):
                await annotator(f"Новость {name}{n}.")
                for _ in range(3):  # what a caller does between its questions
                    await asyncio.sleep(0)

        async with over(model, patience=3600) as annotator:
            first = asyncio.create_task(annotator("Первая новость."))
            await begun(model)
            callers = [asyncio.create_task(caller(name, annotator)) for name in "абв"]
            await asyncio.sleep(0)
            model.go.set()
            await first
            await asyncio.wait(callers, return_when=asyncio.FIRST_COMPLETED)
            for one in callers:
                one.cancel()
        assert [len(batch) for batch in model.batches] == [1, 3, 3, 3]

    run(work())


def test_a_crowd_is_read_by_halves() -> None:
    async def work() -> None:
        model = Model(held=True)

        async def caller(name: int, annotator: AsyncAnnotator) -> None:
            for n in range(3):
                await annotator(f"Новость {name} {n}.")

        async with over(model) as annotator:
            first = asyncio.create_task(annotator("Первая новость."))
            await begun(model)
            callers = [asyncio.create_task(caller(name, annotator)) for name in range(24)]
            await asyncio.sleep(0)
            model.go.set()
            await asyncio.gather(first, *callers)
        # Half of the 24 and the one who was just answered; then those who waited, while the 13 ask again.
        sizes = [len(batch) for batch in model.batches]
        assert sizes[:3] == [1, 13, 11]
        assert sorted(model.batches[1] + model.batches[2]) == sorted(f"Новость {name} 0." for name in range(24))
        assert max(sizes) == 13
        assert sum(sizes) == 1 + 3 * 24

    run(work())


def test_a_long_list_holds_nobody_up() -> None:
    async def work() -> None:
        model = Model(held=True)
        async with over(model, queue=500) as annotator:
            first = asyncio.create_task(annotator("Первая новость."))
            await begun(model)
            long = asyncio.create_task(annotator.answers([f"Из списка {n}." for n in range(3 * MOST_ARTICLES)]))
            await asyncio.sleep(0)
            short = asyncio.create_task(annotator("Короткая новость."))
            await asyncio.sleep(0)
            model.go.set()
            await asyncio.gather(first, long, short)
        assert "Короткая новость." in model.batches[1]
        assert [len(batch) for batch in model.batches] == [1, 64, 64, 64, 1]

    run(work())


def test_one_that_cannot_be_read_or_computed_fails_alone() -> None:
    async def work() -> None:
        async with over(Model()) as annotator:
            found = await annotator.answers(["Хорошая новость.", " ", "Эту сломай.", "И ещё новость."])
            with pytest.raises(RuntimeError, match="the model fails"):
                await annotator("Снова сломай.")
        assert [type(one) for one in found] == [Answer, DataError, RuntimeError, Answer]
        assert str(found[1]) == "input 1 has no text; give the body in 'text'"

    run(work())


def test_a_full_queue_takes_none_of_a_list() -> None:
    async def work() -> None:
        model = Model(held=True)
        async with over(model, queue=4) as annotator:
            first = asyncio.create_task(annotator("Первая новость."))
            await begun(model)
            waiting = asyncio.create_task(annotator.answers(["Новость."] * 3))
            await asyncio.sleep(0)
            with pytest.raises(QueueFullError) as refused:
                await annotator.answers(["Новость."] * 2)
            assert str(refused.value) == ("3 articles wait and 2 more came; at most 4 may wait, ask again later")
            assert refused.value.seconds >= 1
            assert annotator.waiting == 3
            model.go.set()
            await asyncio.gather(first, waiting)
            assert await annotator("Снова есть место.")

    run(work())


def test_nothing_more_is_computed_for_who_has_gone() -> None:
    async def work() -> None:
        model = Model(held=True)
        async with over(model) as annotator:
            first = asyncio.create_task(annotator("Первая новость."))
            await begun(model)
            gone = asyncio.create_task(annotator.answers(["Никому не нужна."] * 3))
            stays = asyncio.create_task(annotator("Кому-то нужна."))
            await asyncio.sleep(0)
            gone.cancel()
            await asyncio.sleep(0)
            model.go.set()
            await asyncio.gather(first, stays)
        assert model.batches == [["Первая новость."], ["Кому-то нужна."]]

    run(work())


def test_after_a_swap_the_other_model_answers_and_says_so() -> None:
    async def work() -> None:
        old, new = Model("старая: ", held=True), Model("новая: ")
        async with over(old, name="old@1") as annotator:
            first = asyncio.create_task(annotator.answers(["Новость."]))
            await begun(old)
            second = asyncio.create_task(annotator.answers(["Новость."]))
            await asyncio.sleep(0)
            annotator.swap(cast("Annotator", new), "new@2")
            old.go.set()
            found = [answer for (answer,) in await asyncio.gather(first, second) if isinstance(answer, Answer)]
        assert [(one.model, one.annotation.summary.text) for one in found] == [
            ("old@1", "старая: Новость."), ("new@2", "новая: Новость."),
        ]  # fmt: skip

    run(work())


def test_at_the_end_all_that_wait_are_answered_and_no_more_is_taken() -> None:
    async def work() -> None:
        model = Model(held=True)
        annotator = over(model)
        asked = [asyncio.create_task(annotator(f"Новость {n}.")) for n in range(3)]
        await begun(model)
        ending = asyncio.create_task(annotator.close())
        await asyncio.sleep(0)
        with pytest.raises(SvodkaError, match="the annotator is closed; it takes no more articles"):
            await annotator("Поздняя новость.")
        model.go.set()
        await ending
        assert [one.summary.text for one in await asyncio.gather(*asked)] == [f"Новость {n}." for n in range(3)]

    run(work())


def test_a_tag_set_is_read_once_and_the_oldest_is_forgotten() -> None:
    async def work() -> None:
        model = Model()
        async with over(model) as annotator:
            found = await annotator("Новость.", tags("мост"))
            await annotator("Новость.", tags("мост"))
            assert found.summary.text == "мост: Новость."
            assert len(model.tag_sets) == 1
            for n in range(MOST_TAG_SETS):
                await annotator("Новость.", tags(f"тег {n}"))
            await annotator("Новость.", tags("мост"))
            assert len(model.tag_sets) == MOST_TAG_SETS + 2

    run(work())


def test_options_that_cannot_be_followed_fail_alone() -> None:
    async def work() -> None:
        model = Model(held=True)
        async with over(model) as annotator:
            first = asyncio.create_task(annotator("Первая новость."))
            await begun(model)
            bad = asyncio.create_task(annotator("Новость.", tags("никакой")))
            good = asyncio.create_task(annotator("Новость."))
            await asyncio.sleep(0)
            model.go.set()
            await asyncio.gather(first, good)
            with pytest.raises(ConfigError, match="no such tags"):
                await bad

    run(work())


def test_a_queue_without_a_place_is_refused() -> None:
    with pytest.raises(ConfigError, match="queue is 0; at least 1 article must be able to wait"):
        over(Model(), queue=0)


def test_it_answers_as_the_annotator_does(trained: Path) -> None:
    annotator = Annotator.load(trained / "run" / "bundle", device="cpu")
    texts = [f"Мост номер {n} открыли после ремонта. Первым по нему проехал автобус." for n in range(6)]

    async def work() -> None:
        async with AsyncAnnotator(annotator) as together:
            found = await asyncio.gather(*map(together, texts))
            short = await together(texts[0], AnswerOptions(words=3))
        assert found == annotator(texts)
        assert short.summary == annotator.with_summary(words=3)(texts[0]).summary

    run(work())
