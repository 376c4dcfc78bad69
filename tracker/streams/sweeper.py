"""The sweep: the timer that lets the clock decide what no report tells.

Every tick it publishes what this worker knows of carriers and of flows, reads what all know, and has the containers
judged whose time has come. Its clock is the wall's, or that of the data. It does not go beyond what all workers are
known to have taken in: while records wait that may have been received before the tick, nothing is judged; nobody is
called late because we are. What was due meanwhile is judged afterwards, in the order in which it became known.

A minute is judged in four steps. Every worker says of its partitions of carriers' topics that all received up to then
is handed on. When all have said so, every worker joins what was handed on of trains and vessels with who is aboard, and
says so of its partitions of transports. When all have, every worker folds what was handed on, publishes what its
containers tell of flows, and says so of its partitions of movements. When all have said that, every worker knows the
same, and judges.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final, Protocol, cast

from aiokafka.errors import KafkaError
from faust.types import TP

from tracker.domain.moment import MINUTE, SECOND, Millis
from tracker.streams.agents import Agent, stopping
from tracker.streams.batches import Sitting
from tracker.streams.board import Board, BoardReader, through_key
from tracker.streams.connection import secured
from tracker.streams.consumer import Consumer
from tracker.streams.desk import Desk
from tracker.streams.handing import caught_up
from tracker.streams.incidents import LEADING, children_output, transition_of
from tracker.streams.intake import carrier_of
from tracker.streams.runtime import Runtime
from tracker.streams.stage import Output, SweepingStage, Work
from tracker.streams.topics import MOVEMENTS, SITUATION, TRANSPORTS

log = logging.getLogger(__name__)

LOOKS_SECONDS: Final = 2.0
"""Least time between two looks at the clock: a tick is a minute, and what it decides is to be told within the next."""
RESTS: Final = 4
"""How many times as long as a look took none is begun. In a backlog of weeks thousands of containers are to be judged
each time; what comes later judges a container once where two looks would have done so twice, with the same outcome."""
RESTS_SECONDS_MAX: Final = 10.0
CATCHES_UP_SECONDS: Final = 10.0
"""How long a sweep waits for what others handed on; then it is put off to the next look."""
SETTLES: Final = 3 * SECOND
"""By the wall, reports received so long before a tick are taken in, unless lag says otherwise."""


class Now(Protocol):
    """A clock."""

    def now(self) -> Millis:
        """The moment."""


@dataclass(frozen=True, slots=True)
class Sweeps:
    """What the sweep needs: its clock, what this worker knows of carriers' days, and the board of all workers.

    `told` hears of every version of an incident that this worker published: its rule and what it did.
    """

    clock: Now
    days: Callable[[], Iterable[Output]]
    board: Board
    desk: Desk
    by_wall: bool
    told: Callable[[str, str], None] = lambda rule, transition: None


def rest(took: float) -> float:
    """How many seconds after a look that took so many the next one begins.

    >>> rest(0.1), rest(1.0), rest(20.0)
    (2.0, 4.0, 10.0)
    """
    return min(RESTS_SECONDS_MAX, max(LOOKS_SECONDS, RESTS * took))


class Sweeper:
    """Runs the sweeps of one worker."""

    def __init__(self, app: Any, runtime: Runtime, agent: Agent, stage: SweepingStage, sweeps: Sweeps) -> None:
        """Nothing is done before `run`."""
        self._app, self._runtime, self._agent = app, runtime, agent
        self._stage, self._sweeps = stage, sweeps
        self._reader = BoardReader(sweeps.board, runtime.settings.brokers, secured(runtime.settings))
        self._events = {topic for topic, stage in runtime.group_of.items() if stage == "intake"}
        self._published: dict[bytes | None, bytes | None] = {}
        self._last = self._noted = Millis(0)
        self._generation = self._telling = -1
        self._heard = frozenset(
            (topic, partition) for topic in self._events for partition in range(runtime.partitions[topic])
        )
        self._joining = [(TRANSPORTS, partition) for partition in range(runtime.partitions[TRANSPORTS])]
        self._joined: tuple[int, Millis] = (-1, Millis(0))
        self._noting = [(MOVEMENTS, partition) for partition in range(runtime.partitions[MOVEMENTS])]

    async def run(self, outputs: Callable[[Iterable[Output]], Any]) -> None:
        """Sweep until the worker stops; `outputs` writes records and waits for their acknowledgement."""
        try:
            took = 0.0
            while not self._app.should_stop:
                await self._app.sleep(rest(took))
                begun = monotonic()
                if not self._runtime.control.halted and self._is_settled():
                    with stopping(self._runtime):
                        await self._look(outputs)
                took = monotonic() - begun
        finally:
            await self._reader.stop()

    async def _look(self, outputs: Callable[[Iterable[Output]], Any]) -> None:
        begun = monotonic()
        said = list(self._said())
        await outputs(each for each in said if self._published.get(each.key) != each.value)
        self._published = {each.key: each.value for each in said}  # days that are over are forgotten
        try:
            await self._reader.refresh()
            if not await self._join(outputs) or not await self._note(outputs):
                return
        except KafkaError as error:
            log.warning("the situation can't be read, and nothing is judged: %r; trying again", error)
            return
        upto = Millis(self._sweeps.board.through(self._noting) // MINUTE * MINUTE)
        if self._last < upto <= self._noted:
            for _ in self._sweeps.board.flows.looking(upto):
                await self._app.sleep(0)
            await self._tell(upto, outputs)
            await self._publish(upto, outputs)
            containers = await self._judge(upto)
            await self._tell_testimonies(outputs)
            self._last = self._sweeps.board.swept = upto
            self._runtime.observer.swept(containers, monotonic() - begun)

    async def _join(self, outputs: Callable[[Iterable[Output]], Any]) -> bool:
        """See that what was handed on of trains and vessels, up to when all is taken in, is joined; whether it is."""
        board, generation = self._sweeps.board, self._app.consumer_generation_id
        upto = board.through(self._heard)
        if self._joined == (generation, upto):
            return True
        mine = await self._caught_up(TRANSPORTS)
        if mine is None or generation != self._app.consumer_generation_id:
            return False
        word = str(upto).encode()
        await outputs([Output(SITUATION, through_key(TRANSPORTS, partition), word) for partition in sorted(mine)])
        self._joined = generation, upto
        await self._reader.refresh()
        return True

    async def _note(self, outputs: Callable[[Iterable[Output]], Any]) -> bool:
        """See that what our partitions tell of flows, up to when all is taken in, is known to all; whether it is.

        First the flows, then the word that they are there: nobody judges a minute before all partitions gave it.
        """
        board, generation = self._sweeps.board, self._app.consumer_generation_id
        if generation != self._generation:
            self._generation, self._noted = generation, Millis(0)
            for partition, known in self._stage.flows().items():
                known.all_changed(board.flows.hours(partition))
        upto = Millis(board.through([*self._heard, *self._joining]) // MINUTE * MINUTE)
        if upto <= self._noted:
            return True
        mine = await self._caught_up(MOVEMENTS)
        if mine is None or not await self._work(self._stage.behind(), self._stage.note):
            return False
        consumer: Consumer = self._app.consumer
        for partition in mine:
            if not await consumer.owns(Sitting(TP(MOVEMENTS, partition), generation)):
                return False
        flows = self._stage.flows()
        await outputs([each for p in sorted(mine & flows.keys()) for each in board.flows.unlike(p, flows[p])])
        await self._tell_testimonies(outputs)
        word = str(upto).encode()
        await outputs([Output(SITUATION, through_key(MOVEMENTS, partition), word) for partition in sorted(mine)])
        if generation != self._app.consumer_generation_id:
            return False
        self._noted = upto
        await self._reader.refresh()
        return True

    async def _publish(self, upto: Millis, outputs: Callable[[Iterable[Output]], Any]) -> None:
        """Publish new norms and what changed of incidents, before what they explain, and let go of what is old.

        If that is for us.
        """
        told, consumer = self._sweeps.board.incidents, cast(Consumer, self._app.consumer)
        leading = Sitting(TP(MOVEMENTS, LEADING), self._app.consumer_generation_id)
        if LEADING not in self._stage.flows() or not await consumer.owns(leading):
            return
        known, baselines = self._sweeps.board.situation(upto), self._sweeps.board.baselines
        await outputs([*baselines.news(known.learned(), upto), *baselines.forgotten(upto)])
        news = list(told.news(known.incidents, upto))
        said = [told.outputs(each, upto) for each in news]
        await outputs([record for record, _ in said])
        old = [Output(SITUATION, key, None) for key in self._sweeps.board.outdated()]
        await outputs([*(word for _, word in said), *told.forgotten(upto), *old])
        for each in news:
            self._sweeps.told(each.incident.rule, transition_of(each))

    async def _tell_testimonies(self, outputs: Callable[[Iterable[Output]], Any]) -> None:
        """Publish what our containers say of carriers: how their times differ before anything is judged, all after."""
        known, consumer = self._sweeps.board.testimonies, cast(Consumer, self._app.consumer)
        generation = self._app.consumer_generation_id
        if generation != self._telling:
            self._telling = generation
            for partition, mine in self._stage.testimonies().items():
                mine.all_changed(known.published(partition))
        for partition, mine in sorted(self._stage.testimonies().items()):
            if await consumer.owns(Sitting(TP(MOVEMENTS, partition), generation)):
                await outputs(known.unlike(partition, mine))

    async def _judge(self, upto: Millis) -> int:
        """Judge what is due at a clock; how many containers were."""
        containers = 0
        for partition, keys in self._stage.due(upto).items():
            if await self._work({partition: keys}, lambda row: self._stage.sweep(row, upto)):
                containers += len(keys)
            else:
                self._stage.put_back(partition, keys)
        return containers

    async def _work(self, wanted: Mapping[int, Sequence[bytes]], work: Work) -> bool:
        """Work on rows; whether that was done."""
        consumer: Consumer = self._app.consumer
        generation = self._app.consumer_generation_id
        for partition, keys in wanted.items():
            if not await self._agent.sweep(Sitting(TP(MOVEMENTS, partition), generation), keys, work, consumer):
                return False
        return True

    async def _tell(self, upto: Millis, outputs: Callable[[Iterable[Output]], Any]) -> None:
        """Tell carriers of their feeds as a whole; each is told by the worker that has the first partition of its."""
        consumer: Consumer = self._app.consumer
        mine = {carrier_of(tp.topic) for tp, _, _ in consumer.lags() if tp.partition == 0 and tp.topic in self._events}
        desk = self._sweeps.desk
        told = list(desk.said(upto, mine))
        await outputs(output for each in told for output in (each.record, each.known))
        desk.told(told)

    def _is_settled(self) -> bool:
        return not self._app.rebalancing and bool(self._app.tables.actives_ready)

    def _said(self) -> Iterator[Output]:
        """What this worker tells all: carriers' days first, then up to when its partitions are taken in."""
        yield from self._sweeps.days()
        yield from (children_output(*each) for each in self._stage.children().items())
        if self._sweeps.by_wall:
            now = Millis(self._sweeps.clock.now() - SETTLES)
        else:
            now = max(self._sweeps.clock.now(), self._sweeps.board.newest)
        consumer: Consumer = self._app.consumer
        for tp, waiting, stamp in consumer.lags():
            if (tp.topic, tp.partition) in self._heard:
                known = now if not waiting else Millis(0 if stamp is None else min(now, stamp - 1))
                value = str(known // MINUTE * MINUTE).encode()
                yield Output(SITUATION, through_key(tp.topic, tp.partition), value)

    async def _caught_up(self, topic: str) -> set[int] | None:
        """Our partitions, once what was handed on before the board was read is folded here; waits for it a little."""
        deadline = monotonic() + CATCHES_UP_SECONDS

        async def wait() -> bool:
            await self._app.sleep(0.05)
            return monotonic() < deadline and not self._app.should_stop and self._is_settled()

        return await caught_up(topic, cast(Consumer, self._app.consumer), self._reader.ends, wait)
