"""A stage's word that all is taken in: by the ends of partitions, not by what its consumer happened to see of them."""

from collections.abc import Iterable, Mapping

from faust.types import TP

from tracker.domain.moment import Millis
from tracker.streams.handing import caught_up
from tracker.streams.topics import MOVEMENTS, TRANSPORTS


class Behind:
    """A consumer that finished some records of its partitions, and has seen no others: nothing waits, it says."""

    def __init__(self, finished: dict[TP, int], ends: dict[TP, int]) -> None:
        self.finished, self._ends = finished, ends
        self.waits = 0

    def lags(self) -> Iterable[tuple[TP, int, Millis | None]]:
        return ((tp, 0, Millis(1)) for tp in self.finished)

    def finished_below(self, tp: TP) -> int:
        return self.finished[tp]

    async def ends(self, topic: str, partitions: Iterable[int]) -> Mapping[int, int]:
        return {partition: self._ends[TP(topic, partition)] for partition in partitions}

    async def goes_on(self) -> bool:
        """One more record of each partition is fetched and finished."""
        self.waits += 1
        self.finished = {tp: min(done + 1, self._ends[tp]) for tp, done in self.finished.items()}
        return True

    async def stands(self) -> bool:
        self.waits += 1
        return self.waits < 5


def behind() -> Behind:
    places = {TP(TRANSPORTS, 0): 7, TP(TRANSPORTS, 3): 4, TP(MOVEMENTS, 0): 0}
    return Behind(dict(places), {**places, TP(TRANSPORTS, 3): 6, TP(MOVEMENTS, 0): 90})


async def test_what_was_written_and_not_yet_seen_is_waited_for() -> None:
    consumer = behind()
    assert not any(waiting for _, waiting, _ in consumer.lags())
    assert await caught_up(TRANSPORTS, consumer, consumer.ends, consumer.goes_on) == {0, 3}
    assert consumer.finished_below(TP(TRANSPORTS, 3)) == 6
    assert consumer.waits == 2, "not for other topics"


async def test_no_word_is_given_when_it_takes_too_long() -> None:
    consumer = behind()
    assert await caught_up(TRANSPORTS, consumer, consumer.ends, consumer.stands) is None
    assert consumer.waits == 5


async def test_who_has_no_partition_of_a_topic_need_not_ask() -> None:
    consumer = Behind({TP(MOVEMENTS, 0): 0}, {})
    assert await caught_up(TRANSPORTS, consumer, consumer.ends, consumer.stands) == set()
    assert consumer.waits == 0
