"""Lanes: the partitions of the two topics that a notifier reads, each by one number.

Accounts know their lane as `partition`. A lane of `rail.exceptions` has the number of its partition. What both topics
tell goes through one set of desks, so that limits and quiet hours are one endpoint's, whatever it is told of.
"""

from typing import Final

from tracker.streams.topics import EXCEPTIONS, EXPECTED

TOPICS: Final = (EXCEPTIONS, EXPECTED)
_APART: Final = 1_000_000
"""Between the lanes of two topics: more than a topic can have partitions."""


def lane_of(topic: str, partition: int) -> int:
    """The lane of a partition.

    >>> lane_of("rail.exceptions", 7), lane_of("rail.expected", 7)
    (7, 1000007)
    """
    return TOPICS.index(topic) * _APART + partition


def place_of(lane: int) -> tuple[str, int]:
    """Topic and partition of a lane.

    >>> place_of(1_000_007)
    ('rail.expected', 7)
    """
    return TOPICS[lane // _APART], lane % _APART


def position_key(lane: int) -> bytes:
    """The key under which the journal keeps how far a lane is read.

    >>> position_key(7), position_key(1_000_007)
    (b'position', b'position:rail.expected')
    """
    topic, _ = place_of(lane)
    return b"position" if topic == EXCEPTIONS else f"position:{topic}".encode()
