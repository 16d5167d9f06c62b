"""Brings arrivals, a model and a sink together, block by block."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TypeVar

from svodka.article import Annotation, Article
from svodka.inputs.reject import Reject
from svodka.inputs.rows import Reading
from svodka.inputs.storable import storable
from svodka.labels import TagVocabulary
from svodka.visible import visible
from svodka.watch.arrivals import MOST_ID_BYTES, Arrival, Handled, Mark
from svodka.watch.feeds import Look, feed_key, look_at, read_feed
from svodka.watch.fetch import MOST_SECONDS, FeedAddress
from svodka.watch.folder import ArrivedFile, Folder
from svodka.watch.options import WatchOptions
from svodka.watch.pulse import Pulse
from svodka.watch.reading import read_file
from svodka.watch.sinks import DatabaseDownError, Sink
from svodka.watch.timetable import Timetable

T = TypeVar("T")
Say = Callable[[str], None]

_PROBE = Article("Сегодня в городе ожидается снег.")

BLOCK = 16  # arrivals that are annotated and committed together

_FILES = 256  # that are taken up before feeds and new files have their turn
_TICK = 0.2  # seconds
_LOOK_AROUND = (
    300.0  # seconds after which the folder is looked through anew: events get lost, on network disks above all
)
_LISTEN_AGAIN = 10.0
_GIVE_UP = 3 * MOST_SECONDS  # after which a feed that does not answer is asked again
_LONGEST_PATIENCE = 60.0


@dataclass
class Counts:
    """What has been done so far; `troubles` counts feeds that could not be read, `stopped_by` is a signal's number."""

    annotated: int = 0
    rejected: int = 0
    troubles: int = 0
    stopped_by: int = 0


class Watch:
    """Brings arrivals, the model and a sink together."""

    def __init__(
        self, options: WatchOptions, sink: Sink, *,
        annotate: Callable[[Sequence[Article]], Iterable[Annotation]], labels: TagVocabulary | None = None,
        say: Say, stop: threading.Event,
    ) -> None:  # fmt: skip
        """Touch nothing yet.

        Args:
            options: what to watch.
            sink: takes results and knows what it has taken.
            annotate: gives an annotation for each article, in order; they are as `inputs.checking.checked` gives them.
            labels: the vocabulary by which lines of tags are split.
            say: takes a line for the operator.
            stop: once set, the block at hand is finished and nothing more is begun.
        """
        self.counts = Counts()
        self._options, self._sink, self._annotate, self._labels = options, sink, annotate, labels
        self._stop, self._patient = stop, True
        self._say: Say = lambda line: say(visible(line))
        self._told: set[str] = set()
        self._inbox: SimpleQueue[list[Path] | Look] = SimpleQueue()
        self._folder = Folder(options.folder, settle=options.settle) if options.folder else None
        self._timetable = Timetable(options.feeds, interval=options.interval)

    def run(self) -> Counts:
        """Go on until the stop is asked for; what is there at the start has arrived, too."""
        if self._folder:
            _in_background(self._listen, self._folder)
        pulse = Pulse()
        while not self._stop.is_set():
            self._ask_feeds()
            self._receive(0 if self._take_files() else _TICK)
            self._give_up_on(self._timetable.unanswered(_GIVE_UP))
            if line := pulse.line(self.counts.annotated, self.counts.rejected):
                self._say(line)
        return self.counts

    def run_once(self) -> Counts:
        """Do what is there and end; a file that goes on changing is left for the next time.

        Raises:
            DatabaseDownError: the database cannot be reached or written.
        """
        self._patient = False
        waiting = len(self._options.feeds)
        self._ask_feeds()
        if self._folder:
            self._folder.scan()
            self._take_all_files(self._folder)
        end = time.monotonic() + _GIVE_UP
        while waiting and not self._stop.is_set() and time.monotonic() < end:
            waiting -= self._receive(_TICK)
        self._give_up_on(self._timetable.unanswered(0))
        return self.counts

    def _take_all_files(self, folder: Folder) -> None:
        end = 0.0
        while not self._stop.is_set() and folder.waiting:
            if self._take_files() or not end:
                # From now on, so that the time which the model takes does not count.
                end = time.monotonic() + 2 * self._options.settle + 1
            elif time.monotonic() < end:
                self._stop.wait(_TICK)
            else:
                self._say("some files are still being written; they are left for the next time")
                return

    def _listen(self, folder: Folder) -> None:
        """In the background: put what changes into the inbox, and the whole folder at the start and now and then."""
        from watchfiles import watch

        while not self._stop.is_set():
            begun = 0.0
            try:
                # Built anew each time: a folder that was taken away and made again is another folder.
                for changes in watch(
                    folder.root, watch_filter=None, stop_event=self._stop, rust_timeout=200, yield_on_timeout=True,
                    raise_interrupt=False, ignore_permission_denied=True,
                ):  # fmt: skip
                    if not begun:
                        begun = time.monotonic()
                        self._inbox.put([folder.root])
                    elif changes:
                        self._inbox.put([Path(path) for _, path in sorted(changes)])
                    if time.monotonic() - begun > _LOOK_AROUND:
                        break
            except (OSError, RuntimeError) as error:
                self._say(f"cannot watch {folder.root}: {error}; looking through it every {_LISTEN_AGAIN:.0f} s")
                self._inbox.put([folder.root])
                self._stop.wait(_LISTEN_AGAIN)

    def _ask_feeds(self) -> None:
        due = self._timetable.due()
        states = self._patiently(lambda: self._sink.states([feed_key(feed) for feed in due])) if due else {}
        for feed in due:
            # A server that is slow to answer must hold up neither the folder nor the other feeds.
            _in_background(self._look_at, feed, states.get(feed_key(feed), ""))

    def _look_at(self, feed: FeedAddress, state: str) -> None:
        self._inbox.put(look_at(feed, state, hosts=self._options.hosts))

    def _receive(self, seconds: float) -> int:
        """Take what has come in, waiting for it at most so long; the number of feeds that answered."""
        answered = 0
        try:
            while True:
                item = self._inbox.get(timeout=seconds)
                seconds = 0.001
                if isinstance(item, Look):
                    self._take_look(item)
                    answered += 1
                elif self._folder:
                    self._folder.note(item)
        except Empty:
            return answered

    def _take_look(self, look: Look) -> None:
        if look.feed is not None:
            self._take(read_feed(look.fetched, look.feed, self._labels))
        self._schedule(look.fetched.feed, trouble=look.fetched.trouble, wait=look.fetched.wait)

    def _give_up_on(self, feeds: Iterable[FeedAddress]) -> None:
        for feed in feeds:
            self._schedule(feed, trouble="no answer, given up")

    def _schedule(self, feed: FeedAddress, *, trouble: str, wait: float = 0.0) -> None:
        seconds = self._timetable.answered(feed, trouble=bool(trouble), wait=wait)
        if trouble:
            self.counts.troubles += 1
            again = f"; asked again in {seconds:.0f} s" if self._patient else ""
            self._say(f"feed {feed.url}: {trouble}{again}")

    def _tell_passed_over(self, folder: Folder) -> None:
        """Name once, for each kind of file that nothing here reads, how many lie there."""
        for suffix, names in folder.passed_over.items():
            if suffix not in self._told:
                self._told.add(suffix)
                self._say(
                    f"passed over: {len(names)} file(s) of a kind that is not read, {suffix}, such as {min(names)}"
                )

    def _take_files(self) -> bool:
        """Do some of the files that have come to rest; False if there are none."""
        if self._folder:
            self._tell_passed_over(self._folder)
        files = self._folder.ready(_FILES) if self._folder else []
        states = self._patiently(lambda: self._sink.states([file.key for file in files])) if files else {}
        self._take(self._read_all(file for file in files if states.get(file.key) != file.signature))
        return any(file.settled for file in files)

    def _read_all(self, files: Iterable[ArrivedFile]) -> Iterator[Arrival | Mark]:
        for file in files:
            if self._folder:
                yield from read_file(self._folder, file, Reading(self._labels, self._options.fields))

    def _take(self, items: Iterator[Arrival | Mark]) -> None:
        """Annotate and commit, block by block, what is not known yet."""
        while not self._stop.is_set() and (block := list(islice(items, BLOCK))):
            self._take_block(block)

    def _take_block(self, block: Sequence[Arrival | Mark]) -> None:
        arrivals = {item.key: item for item in block if isinstance(item, Arrival)}
        marks = [item for item in block if isinstance(item, Mark)]
        known = self._patiently(lambda: self._sink.digests(list(arrivals)))
        handled = self._handle([a for key, a in arrivals.items() if known.get(key) != a.digest])
        if handled or marks:
            self._patiently(lambda: self._sink.commit(handled, marks))
        self._count(handled)

    def _count(self, handled: Sequence[Handled]) -> None:
        for one in handled:
            if isinstance(one.result, Reject):
                self.counts.rejected += 1
                self._say(f"{one.result.where}: {one.result.detail}")
            else:
                self.counts.annotated += 1

    def _handle(self, arrivals: Sequence[Arrival]) -> list[Handled]:
        contents = [_with_usable_id(arrival) for arrival in arrivals]
        articles = [content for content in contents if isinstance(content, Article)]
        outcomes = iter(self._outcomes(articles))
        results = [next(outcomes) if isinstance(content, Article) else content for content in contents]
        return [
            Handled(arrival, _result(outcome, arrival.place), content.text if isinstance(content, Article) else "")
            for arrival, content, outcome in zip(arrivals, contents, results, strict=True)
        ]

    def _outcomes(self, articles: Sequence[Article]) -> list[Annotation | Exception]:
        try:
            return list(self._annotate(articles))
        except Exception as error:
            if len(articles) > 1:
                return [outcome for article in articles for outcome in self._outcomes([article])]
            # If not even this can be done, no article is at fault, and none must be written off.
            list(self._annotate([_PROBE]))
            return [error]

    def _patiently(self, act: Callable[[], T]) -> T:
        """Do something with the sink; while a database is down, try again at growing intervals."""
        seconds = 1.0
        while True:
            try:
                return act()
            except DatabaseDownError as error:
                if not self._patient or self._stop.is_set():
                    raise
                self._say(f"{error}; again in {seconds:.0f} s")
                self._stop.wait(seconds)
                seconds = min(2 * seconds, _LONGEST_PATIENCE)


def _with_usable_id(arrival: Arrival) -> Article | Reject:
    content = arrival.read()
    if isinstance(content, Reject) or len(content.id.encode("utf-8", "replace")) <= MOST_ID_BYTES:
        return content
    return Reject("unusable", arrival.place, f"the id has more than {MOST_ID_BYTES} bytes; give a shorter one")


def _result(outcome: Annotation | Exception | Reject, place: str) -> dict[str, object] | Reject:
    if isinstance(outcome, Reject):
        return outcome
    if isinstance(outcome, Exception):
        return Reject("failed", place, f"{type(outcome).__name__}: {outcome}")
    try:
        row: dict[str, object] = storable(outcome.to_dict())
    except RecursionError:
        return Reject("unusable", place, "values are nested too deeply")
    return row


def _in_background(act: Callable[..., None], *arguments: object) -> None:
    # A daemon: a server that never answers must not keep the process from ending.
    threading.Thread(target=act, args=arguments, daemon=True).start()
