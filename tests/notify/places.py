"""An office for desks without Kafka: a clock that is set, notes in memory, and a transport that answers as told."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Sequence
from random import Random
from typing import Any

import msgspec

from tests.notify.records import NOON, version_of
from tracker.contract.endpoints import Endpoint
from tracker.contract.network_file import load_network
from tracker.domain.moment import MINUTE, Millis
from tracker.notify.account import Account, Owed
from tracker.notify.book import Book
from tracker.notify.delivery import Answer, Because, Delivery
from tracker.notify.desk import Desk
from tracker.notify.office import Office

NETWORK = load_network()
TOLD = Answer(True, "200")
FAILED = Answer(False, "503")


class Notes:
    """A journal in memory: what would be found after a crash, and the dead letters."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.dead: list[tuple[str, int, str]] = []
        self.saves = 0

    async def save(self, accounts: Iterable[Account]) -> None:
        self.saves += 1
        self.kept |= {each.exception: msgspec.json.encode(each) for each in accounts}

    async def dead_letter(self, account: Account, owed: Owed, words: str) -> None:
        self.dead.append((account.exception, owed.version, words))

    def read(self) -> list[Account]:
        """The accounts as the journal gives them back."""
        return [msgspec.json.decode(each, type=Account) for each in self.kept.values()]


class Script:
    """A transport that gives the next answer of a list, then the last for ever; waits where it is told to."""

    def __init__(self, *answers: Answer) -> None:
        self.sent: list[Delivery] = []
        self.answers = list(answers or [TOLD])
        self.gate: asyncio.Event | None = None
        self.most = 0
        self._now: defaultdict[str, int] = defaultdict(int)

    async def send(self, delivery: Delivery) -> Answer:
        self.sent.append(delivery)
        for each in delivery.versions:
            self._now[each.said.id] += 1
            self.most = max(self.most, self._now[each.said.id])
        if self.gate is not None:
            await self.gate.wait()
        for each in delivery.versions:
            self._now[each.said.id] -= 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def close(self) -> None:
        pass

    def told(self) -> list[tuple[Because, list[tuple[str, int]]]]:
        """What went, in order: why together, and the versions."""
        return [(each.because, [(v.said.id, v.said.version) for v in each.versions]) for each in self.sent]


class Heard:
    """What the desk told about itself."""

    def __init__(self) -> None:
        self.words: list[tuple[Any, ...]] = []

    def told(self, endpoint: str, versions: int, because: Because) -> None:
        self.words.append(("told", endpoint, versions, because))

    def failed(self, endpoint: str) -> None:
        self.words.append(("failed", endpoint))

    def given_up(self, endpoint: str, versions: int) -> None:
        self.words.append(("given up", endpoint, versions))

    def unreadable(self) -> None:
        self.words.append(("unreadable",))


class Room:
    """A desk for an endpoint, at a clock that the test sets, with everything read to its end."""

    def __init__(self, endpoint: Endpoint, script: Script, notes: Notes | None = None) -> None:
        self.clock = NOON
        self.script, self.notes, self.heard = script, notes or Notes(), Heard()
        self.released: Callable[[int, Millis], bool] = lambda partition, due: True
        office = Office(
            self.notes, self.heard, lambda: self.clock, self._may_go,
            self._spawn, Random(1),
        )  # fmt: skip
        self.office = office
        self.desk = Desk(Book(endpoint, NETWORK, MINUTE), script, office)

    async def take(self, *written: dict[str, Any]) -> None:
        """These were published, each at its own clock."""
        for each in written:
            version = version_of(each)
            if (account := self.desk.book.take(version, 0, version.at)) is not None:
                await self.notes.save([account])
                self.desk.look_at([account])

    async def at(self, minutes: float) -> Sequence[Delivery]:
        """Let the desk work at a clock, minutes after noon, until nothing is under way; gives what went meanwhile."""
        self.clock = Millis(NOON + int(minutes * MINUTE))
        before = len(self.script.sent)
        for _ in range(1_000):
            seen = len(self.script.sent), self.notes.saves
            await self.desk.begin_what_is_due()
            await self.desk.settle()
            if (len(self.script.sent), self.notes.saves) == seen:
                break
        return self.script.sent[before:]

    def _may_go(self, partition: int, due: Millis) -> bool:
        return self.released(partition, due)

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(coroutine)
