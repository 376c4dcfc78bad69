"""What all workers know together: carriers' days and flows, planned disruptions, acknowledgements; topics read whole.

`rail.situation` is compacted and has one partition. A record is a snapshot: of one carrier's day in one partition of
its topic, of what the containers of one partition came to tell of flows in one hour, or the word up to when a partition
is taken in; the last one of a key holds. What follows (usual gaps and delays, silent carriers, outages, stopped nodes)
is found when something changed, by the same code that `tracker batch` uses.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from tracker.aggregates.carrier_day import CarrierDay
from tracker.aggregates.clocks import settled
from tracker.aggregates.completeness import Completeness, Mandatory, completeness_of, reporters_of
from tracker.aggregates.feed import Feed, feed_of, window
from tracker.aggregates.ledger import Ledger
from tracker.aggregates.sequences import Numbers, follow
from tracker.aggregates.situation import KnownSituation
from tracker.domain.disruption import Disruption
from tracker.domain.moment import DAY, MINUTE, Millis
from tracker.domain.network import Network
from tracker.streams.acknowledged import Acknowledged
from tracker.streams.baselines import Baselines
from tracker.streams.connection import OPEN, Security
from tracker.streams.disruptions import Entered
from tracker.streams.incidents import ToldIncidents
from tracker.streams.intake import day_key
from tracker.streams.known_flows import KnownFlows
from tracker.streams.known_testimonies import KnownTestimonies
from tracker.streams.stage import Output
from tracker.streams.testimonies import PREFIX
from tracker.streams.topics import ACKNOWLEDGEMENTS, BASELINES, DISRUPTIONS, SITUATION

log = logging.getLogger(__name__)

DAYS_MAX: Final = 60
"""Days of a carrier kept on the board: as long as a journey may be judged anew from its beginning."""
RECENT_DAYS: Final = 10
"""Days looked at again at every tick: a silence is told by the seven days before it."""
OUTDATED_MAX: Final = 5_000
"""Records taken off the topic at once."""
POLL_MS: Final = 200


class Board:
    """The records of the topic, and what follows from them at a clock."""

    def __init__(self, network: Network, mandatory: Mandatory | None = None, *, replay: bool = False) -> None:
        """Nothing is known. `mandatory`: what carriers are to tell, of those that have kinds of their own.

        `replay`: of incidents nobody is to be told.
        """
        self._network, self._mandatory = network, mandatory or {}
        self._parts: dict[tuple[str, int], dict[int, bytes]] = {}
        self._through: dict[bytes, Millis] = {}
        self.told: dict[str, bytes] = {}
        """What carriers were told last of their feeds, by sort and carrier, so that no worker tells it again."""
        self._outdated: set[bytes] = set()
        self._days: dict[tuple[str, int], CarrierDay] = {}
        self._numbers: dict[str, tuple[int, Numbers]] = {}
        """Carrier to a day and what its numbers were after it: of days that are over only once."""
        self.flows = KnownFlows(network)
        """What all partitions told of flows."""
        self.testimonies = KnownTestimonies()
        """What all partitions say of carriers."""
        self.incidents = ToldIncidents(replay=replay)
        """What was told of incidents."""
        self.baselines = Baselines()
        """Which versions of the norms were published."""
        self.swept = Millis(0)
        """The clock up to which this worker has judged."""
        self._entered = Entered()
        self.acknowledged = Acknowledged()
        """Who took on which exception; judges nothing."""
        self._known: tuple[Millis, KnownSituation] | None = None
        self._complete: tuple[int, dict[str, Completeness]] | None = None
        self._before: KnownSituation | None = None

    def through(self, sources: Iterable[tuple[str, int]]) -> Millis:
        """Up to when everything received is taken in, by whoever owns these partitions of topics; 1970: not known."""
        return min((self._through.get(through_key(*source), Millis(0)) for source in sources), default=Millis(0))

    def take(self, key: bytes, value: bytes | None) -> None:
        """One record. What is of no use is left out, with a line in the log."""
        if key.startswith(_TOLD):
            self.told[key.decode(errors="replace").removeprefix(_TOLD.decode())] = value or b""
            return
        if key.startswith(_THROUGH) and value is not None and value.isdigit():
            self._through[key] = Millis(int(value))
            return
        if key.startswith(b"flow:"):
            if self.flows.take(key, value):
                self._known = None
            return
        if key.startswith(PREFIX):
            if self.testimonies.take(key, value):
                self._known = self._complete = None
                if self._before is not None and self.testimonies.differed_on <= settled(self._before.until):
                    self._before = None  # somebody looked ahead of it: what follows is learned anew
            return
        try:
            if self.incidents.take(key, value):
                return
            kind, carrier, partition, day = key.decode().split(":")
            place, part = (carrier, int(day)), int(partition)
            if kind != "carrier":
                return
            reports = 0 if value is None else _decode(value).reports
        except (ValueError, msgspec.DecodeError) as error:
            log.warning("a record of %s is of no use: key %r, %s", SITUATION, key[:80], error)
            return
        if value is None:
            self._outdated.discard(key)
        elif place[1] <= self._newest_day() - DAYS_MAX:
            self._outdated.add(key)
            return
        parts = self._parts.setdefault(place, {})
        held = parts.get(part)
        # A day only grows. A look at the clock may write what it saw before its batch wrote the whole of a day.
        if held == value or (held is not None and value is not None and reports < _decode(held).reports):
            return
        if value is None:
            parts.pop(part, None)
        else:
            parts[part] = value
        self._days.pop(place, None)
        self._known = self._complete = None
        newest = self._newest_day()
        if place[1] < newest - 1:
            self._before = None  # of a day whose norms are used already: all is learned anew
            self._numbers.clear()
        for old in [each for each in self._parts if each[1] <= newest - DAYS_MAX]:
            self._outdated |= {day_key(old[0], part, old[1]) for part in self._parts.pop(old)}
            self._days.pop(old, None)

    def situation(self, clock: Millis) -> KnownSituation:
        """What is known at a clock; of days that are over only once."""
        if self._known is None or self._known[0] != clock:
            # Of a backlog days may be known that lie far ahead of the clock: it is the clock's that are looked at.
            # And the clock may have jumped: all days since it was asked for last are.
            before = self._before
            since = 0 if before is None else min(self._newest_day(), min(clock, before.until) // DAY) - RECENT_DAYS
            ledger = Ledger()
            for carrier, day in self._parts:
                if day > since:
                    ledger.day(carrier, day, self._day((carrier, day)))
            self.flows.share(ledger)
            ledger.testimonies = {day: said for day, said in self.testimonies.days.items() if day > since}
            planned = tuple(self._entered.disruptions.values())
            self._before = KnownSituation(ledger, self._network, clock, planned, self._before, self.flows.watch)
            self._known = clock, self._before
        return self._known[1]

    def feed(self, carrier: str, clock: Millis, at: Millis | None = None) -> Feed:
        """A carrier's feed at a clock, or `at` a moment before it; the numbers of its reports as of now."""
        days = self.days(carrier)
        numbers, moment = self._numbers_of(carrier, days), clock if at is None else at
        complete = self._completeness(moment // DAY).get(carrier, Completeness())
        return feed_of(carrier, days, moment, self.situation(clock), numbers, complete)

    def _completeness(self, last: int) -> dict[str, Completeness]:
        """Every carrier's, over the window that ends with a day."""
        if self._complete is None or self._complete[0] != last:
            days = window(last)
            reporters = reporters_of((place[0], self._day(place)) for place in self._parts if place[1] in days)
            self._complete = last, completeness_of(self.testimonies.days, days, reporters, self._mandatory)
        return self._complete[1]

    def days(self, carrier: str) -> dict[int, CarrierDay]:
        """A carrier's days that are known, by number since 1970."""
        return {day: self._day((name, day)) for name, day in self._parts if name == carrier}

    def carriers(self) -> set[str]:
        """Those that were heard of."""
        return {carrier for carrier, _ in self._parts}

    def _numbers_of(self, carrier: str, days: Mapping[int, CarrierDay]) -> Numbers:
        through, numbers = self._numbers.get(carrier, (-1, Numbers()))
        settled = self._newest_day() - 2  # a record of a day before yesterday's begins anew
        for day in sorted(day for day in days if day > through):
            numbers = follow(numbers, day, days[day].seen, days[day].reach)
            if day <= settled:
                self._numbers[carrier] = day, numbers
        return numbers

    @property
    def latest(self) -> KnownSituation:
        """What was known when it was asked for last: for whoever only looks on, and must not set the clock."""
        return self.situation(self.newest) if self._before is None else self._before

    def outdated(self) -> list[bytes]:
        """Keys of records on the topic that are too old to be of use, some of them if there are many."""
        return sorted(self._outdated | self.flows.outdated | self.testimonies.outdated)[:OUTDATED_MAX]

    @property
    def newest(self) -> Millis:
        """The last minute in which anybody was heard of; 1970 before that."""
        for day in sorted({day for _, day in self._parts}, reverse=True):
            if heard := set().union(*(self._day(place).minutes_heard(day) for place in self._parts if place[1] == day)):
                return Millis(max(heard) * MINUTE)
        return Millis(0)  # and of days in which all was rejected nobody was heard

    @property
    def disruptions(self) -> tuple[Disruption, ...]:
        """The planned closures that people entered, of all times."""
        return tuple(self._entered.disruptions.values())

    def _newest_day(self) -> int:
        return max((day for _, day in self._parts), default=0)

    def _day(self, place: tuple[str, int]) -> CarrierDay:
        """A carrier's day over all partitions."""
        if place not in self._days:
            self._days[place] = CarrierDay()
            for value in self._parts[place].values():
                self._days[place].merge(_decode(value))
        return self._days[place]

    def plan(self, record: Any) -> None:
        """One record of the disruptions that people entered."""
        told = len(self._entered.unreadable)
        self._entered.take(record, self._network)
        for line in self._entered.unreadable[told:]:
            log.warning("left out: %s", line)
        self._known = None


def through_key(topic: str, partition: int) -> bytes:
    """The key of the word that a partition is taken in up to a moment."""
    return _THROUGH + f"{topic}:{partition}".encode()


def told_output(what: str, value: bytes) -> Output:
    """What is told now, for all workers to know."""
    return Output(SITUATION, _TOLD + what.encode(), value)


class BoardReader:
    """Reads the topics into a board, from their beginnings, outside of any group."""

    def __init__(self, board: Board, brokers: str, security: Security = OPEN) -> None:
        """Nothing is connected before `refresh`."""
        self._board, self._brokers, self._security = board, brokers, security
        self._consumer: Any = None

    async def refresh(self) -> None:
        """Read up to what is there now. Raises `KafkaError`."""
        places = [TopicPartition(topic, 0) for topic in (SITUATION, DISRUPTIONS, BASELINES, ACKNOWLEDGEMENTS)]
        if self._consumer is None:
            # `earliest`, because a seek to the beginning may lose against the reset of a position that is new.
            consumer = AIOKafkaConsumer(
                bootstrap_servers=self._brokers,
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                **self._security.options(),
            )
            await consumer.start()
            consumer.assign(places)
            self._consumer = consumer
        ends = await self._consumer.end_offsets(places)
        while [place for place in places if await self._consumer.position(place) < ends[place]]:
            fetched = await self._consumer.getmany(timeout_ms=POLL_MS)
            for place, records in fetched.items():
                for record in records:
                    if place.topic == DISRUPTIONS:
                        self._board.plan(record)
                    elif place.topic == BASELINES:
                        self._board.baselines.take(record.key or b"", record.value)
                    elif place.topic == ACKNOWLEDGEMENTS:
                        self._board.acknowledged.take(record.key or b"", record.value, record.offset)
                    else:
                        self._board.take(record.key or b"", record.value)

    async def ends(self, topic: str, partitions: Iterable[int]) -> dict[int, int]:
        """One above the last offset of each partition now. Raises `KafkaError`."""
        found = await self._consumer.end_offsets([TopicPartition(topic, partition) for partition in partitions])
        return {place.partition: end for place, end in found.items()}

    async def stop(self) -> None:
        """Close the connection."""
        if self._consumer is not None:
            await self._consumer.stop()


_THROUGH: Final = b"through:"
_TOLD: Final = b"told:"
_decode: Final = msgspec.json.Decoder(CarrierDay).decode
