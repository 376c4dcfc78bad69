"""What many ask for is made once, and so seldom that making it takes little of the time."""

import asyncio

import pytest

from tracker.streams.seldom import LONGEST_SECONDS, SHARE, Seldom, Shared


class Clock:
    """A clock that stands until something takes time."""

    def __init__(self) -> None:
        self.now = 100.0
        self.made = 0

    def __call__(self) -> float:
        return self.now

    def make(self, seconds: float) -> int:
        self.now += seconds
        self.made += 1
        return self.made


@pytest.mark.parametrize(("takes", "held"), [(0.0, 1.0), (0.002, 1.0), (0.01, 0.01 / SHARE), (5.0, LONGEST_SECONDS)])
def test_a_thing_is_held_for_as_long_as_making_it_takes_little_of_the_time(takes: float, held: float) -> None:
    clock = Clock()
    thing = Seldom(lambda: clock.make(takes), 1.0, clock)
    assert thing.get() == 1
    clock.now += held - 0.01
    assert thing.get() == 1
    clock.now += 0.02
    assert thing.get() == 2


async def test_of_many_who_ask_at_once_one_makes_it() -> None:
    clock, shared = Clock(), Shared(1.0, 10)
    begun = asyncio.Event()

    async def make() -> str:
        begun.set()
        await asyncio.sleep(0)
        return str(clock.make(0))

    found = await asyncio.gather(*(shared.get(("a",), make) for _ in range(5)), shared.get(("b",), make))
    assert begun.is_set()
    assert sorted(found) == [b"1"] * 5 + [b"2"]


async def test_what_could_not_be_made_is_tried_again_and_only_the_last_names_are_kept() -> None:
    clock = Clock()
    shared = Shared(1.0, 2, clock)

    async def fail() -> str:
        raise LookupError

    async def make() -> str:
        return str(clock.make(0))

    with pytest.raises(LookupError):
        await shared.get(("a",), fail)
    assert [await shared.get((name,), make) for name in "abca"] == [b"1", b"2", b"3", b"4"]
    assert await shared.get(("a",), make) == b"4"


async def test_what_is_forgotten_is_made_anew() -> None:
    shared, made = Shared(1.0, 10, Clock()), iter("ab")

    async def make() -> str:
        return next(made)

    assert await shared.get(("/",), make) == await shared.get(("/",), make) == b"a"
    shared.forget()
    assert await shared.get(("/",), make) == b"b"
