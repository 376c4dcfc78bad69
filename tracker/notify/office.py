"""What all desks of an instance share."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from tracker.domain.moment import Millis
from tracker.notify.account import Account, Owed
from tracker.notify.observer import Observer


class Released(Protocol):
    """Whether what is due may go."""

    def __call__(self, partition: int, due: Millis) -> bool:
        """Whether the partition is ours, and read so far that what followed within the minute is known."""


class Notes(Protocol):
    """What a desk writes down before it goes on; see `journal.Journal`."""

    async def save(self, accounts: Iterable[Account]) -> None:
        """Write accounts as they are now; returns when that is safe."""

    async def dead_letter(self, account: Account, owed: Owed, words: str) -> None:
        """Keep what could not be told."""


@dataclass(frozen=True, slots=True)
class Office:
    """What all desks share. `spawn` runs a task whose failure ends the notifier; `chance` spreads tries."""

    journal: Notes
    observer: Observer
    now: Callable[[], Millis]
    released: Released
    spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]
    chance: Random
