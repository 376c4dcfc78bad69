"""A desk: decides what goes to one endpoint when, sends it, and notes the answers.

At most one delivery is under way per exception, and few per endpoint: fewer after each failure, more after each answer.
"""

import asyncio
import heapq
import logging
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any, Final

from tracker.contract.endpoints import Mail
from tracker.domain.moment import HOUR, SECOND, Millis
from tracker.notify.account import Account, Owed, delivery_id
from tracker.notify.book import Book
from tracker.notify.delivery import Answer, Because, Delivery, Transport
from tracker.notify.hours import Allowance, quiet_until
from tracker.notify.office import Office
from tracker.notify.pace import Pace

log = logging.getLogger(__name__)

TOGETHER_MAX: Final = 200
"""Versions in one summary or digest, some 200 kB; what is more goes with the next."""
LOOKS: Final = 200
"""Milliseconds after which a desk looks again whether a partition is read to its end."""


class Desk:
    """Webhooks and mail; see the module. Alertmanagers have a desk of their own."""

    def __init__(self, book: Book, transport: Transport, office: Office) -> None:
        """Nothing is sent before `run`."""
        self.book, self._transport, self._office = book, transport, office
        self._endpoint = book.endpoint
        self._is_mail = isinstance(self._endpoint.target, Mail)
        self._wake = asyncio.Event()
        self._sealing = asyncio.Lock()
        self._heap: list[tuple[Millis, str]] = []
        self._again: dict[str, Millis] = {}
        self._sealed: dict[str, set[str]] = {}
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._pace = Pace(self._endpoint.retry, office.chance)
        self._allowance = Allowance(self._endpoint.per_hour)
        self._held: Because | None = None
        self._digest_at = Millis(0)

    def restore(self, accounts: Sequence[Account]) -> None:
        """Go on with accounts of the journal; what was tried or sealed is sent again as it was."""
        self.book.restore(accounts)
        now = self._office.now()
        self._allowance.begin_with(
            {each.delivery: each.told_at for each in accounts if each.told_at > now - HOUR}.values()
        )
        for account in accounts:
            for owed in account.owed:
                if owed.sealed is not None:
                    self._sealed.setdefault(owed.sealed, set()).add(account.exception)
                    self._again[owed.sealed] = now
        self.look_at(accounts)

    def look_at(self, accounts: Iterable[Account]) -> None:
        """These accounts changed, and that is in the journal."""
        for account in accounts:
            self._put(account)
        self._wake.set()

    async def drop(self, partition: int) -> None:
        """Give a partition up, which is no longer released: what is under way is waited for, the rest is another's."""
        async with self._sealing:
            mine = {name for name, each in self.book.accounts.items() if each.partition == partition}
            if tasks := {self._busy[name] for name in mine if name in self._busy}:
                await asyncio.wait(tasks)
            self.book.drop(partition)
            for names in self._sealed.values():
                names.difference_update(mine)
            empty = {each for each, names in self._sealed.items() if not names}
            for name in mine | empty:
                self._again.pop(name, None)
                self._pace.forget(name)
                self._sealed.pop(name, None)

    async def settle(self) -> None:
        """Wait until nothing is under way: at a stop."""
        if self._busy:
            await asyncio.wait(set(self._busy.values()))
        await self._transport.close()

    async def run(self) -> None:
        """Send what is due, until cancelled."""
        while True:
            wait = await self.begin_what_is_due()
            try:
                async with asyncio.timeout(wait):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()

    def _put(self, account: Account) -> None:
        name = account.exception
        if not account.owed or name in self._busy or account.owed[0].sealed is not None:
            return
        if account.owed[0].tried:
            self._again.setdefault(name, self._office.now())
        else:
            heapq.heappush(self._heap, (account.owed[0].due, name))

    async def begin_what_is_due(self) -> float:
        """Begin everything that may go now; gives the seconds after which to look again."""
        now = self._office.now()
        if (until := quiet_until(self._endpoint.quiet, now)) is not None:
            self._held = "quiet"
            return _seconds(now, [until])
        for name, at in list(self._again.items()):
            if at <= now and self._pace.has_room():
                del self._again[name]
                self._start_again(name)
        if (until := self._shut_until(now)) is not None:
            return _seconds(now, [until, *self._again.values()])
        if self._held is not None or self._is_mail:
            async with self._sealing:
                if await self._gather(now):
                    return 0.0
            self._held = None
        while self._pace.has_room() and self._allowance.spent_until(now) is None and (ready := self._ready(now, 1)):
            self._allowance.spend(now)
            ready[0].owed[0].tried = now
            self._start([ready[0].exception], self._deliver_one(ready[0], is_first=True))
        if self._allowance.spent_until(now) is not None and self._is_heap_due(now):
            return 0.0  # to see that the limit holds the rest
        return _seconds(now, [*self._again.values(), *(at for at, _ in self._heap[:1])])

    def _shut_until(self, now: Millis) -> Millis | None:
        """Until when nothing new goes; None: it may go."""
        if (until := self._allowance.spent_until(now)) is not None:
            if self._is_heap_due(now):
                self._held = self._held or "limit"
            return until
        if self._is_mail:
            period = int(self._endpoint.target.every * SECOND)  # type: ignore[union-attr]  # it is mail
            if now < self._digest_at:
                return self._digest_at
            self._digest_at = Millis((now // period + 1) * period)
        return None

    def _is_heap_due(self, now: Millis) -> bool:
        return bool(self._heap) and self._heap[0][0] <= now

    def _ready(self, now: Millis, most: int) -> list[Account]:
        """Take the accounts out of the heap whose first version may go now, for the first time."""
        found: dict[str, Account] = {}
        later: list[tuple[Millis, str]] = []
        while self._heap and self._heap[0][0] <= now and len(found) < most:
            _, name = heapq.heappop(self._heap)
            account = self.book.accounts.get(name)
            if account is None or not account.owed or name in self._busy or name in found:
                continue
            first = account.owed[0]
            if first.tried or first.sealed is not None:
                continue
            if first.due > now:
                later.append((first.due, name))
            elif self._office.released(account.partition, first.due):
                found[name] = account
            else:
                later.append((Millis(now + LOOKS), name))
        for each in later:
            heapq.heappush(self._heap, each)
        return list(found.values())

    async def _gather(self, now: Millis) -> bool:
        """Bind what is ready to one delivery, in the journal before it is sent: it is the same however often it goes.

        One alone goes as it is, but for mail. Whether there was enough to bind.
        """
        ready = self._ready(now, TOGETHER_MAX)
        if len(ready) < (1 if self._is_mail else 2):
            self.look_at(ready)
            return False
        parts = [(account, owed) for account in ready for owed in account.owed if owed.due <= now][:TOGETHER_MAX]
        because: Because = "digest" if self._is_mail else self._held or "limit"
        versions = [(account.exception, owed.version) for account, owed in parts]
        name = f"{because}:{delivery_id(self._endpoint.name, versions)}"
        for _, owed in parts:
            owed.sealed, owed.tried = name, now
        mine = {account.exception: account for account, _ in parts}
        self._allowance.spend(now)
        await self._office.journal.save(mine.values())
        self._sealed[name], self._again[name] = set(mine), now
        self.look_at(account for account in ready if account.exception not in mine)
        if self._is_mail and self._is_heap_due(now):
            self._digest_at = now  # more than fits
        return True

    def _start_again(self, name: str) -> None:
        """Try again what was tried, if its partitions are still ours; else it is looked at again soon."""
        names = sorted(self._sealed.get(name, {name}))
        accounts = [self.book.accounts[each] for each in names if each in self.book.accounts]
        if not accounts or any(not each.owed or each.exception in self._busy for each in accounts):
            return
        if not all(self._office.released(each.partition, Millis(0)) for each in accounts):
            self._again[name] = Millis(self._office.now() + LOOKS)
        elif name in self._sealed:
            self._start(names, self._deliver_sealed(name))
        else:
            self._start(names, self._deliver_one(accounts[0], is_first=False))

    def _start(self, names: Iterable[str], coroutine: Coroutine[Any, Any, None]) -> None:
        self._pace.begin()
        task = self._office.spawn(coroutine)
        self._busy |= dict.fromkeys(names, task)

    def _end(self, names: Iterable[str]) -> None:
        self._pace.end()
        for name in names:
            self._busy.pop(name, None)
            if (account := self.book.accounts.get(name)) is not None:
                self._put(account)
        self._wake.set()

    async def _deliver_one(self, account: Account, *, is_first: bool) -> None:
        owed, name = account.owed[0], account.exception
        identity = delivery_id(self._endpoint.name, [(name, owed.version)])
        if is_first and (self._endpoint.quiet is not None or self._endpoint.per_hour is not None):
            # Else a crash before the answer is noted might put it into a summary, under another id.
            await self._office.journal.save([account])
        answer = await self._try(Delivery(identity, self._endpoint.name, "one", (owed.read(),)), name)
        if answer.is_told:
            account.answered(identity, self._office.now())
            await self._done([account], 1, "one")
        elif self._is_over(answer, owed):
            await self._give_up([(account, owed.version)], answer)
        elif is_first:
            await self._office.journal.save([account])
        self._end([name])

    async def _deliver_sealed(self, sealed: str) -> None:
        names = sorted(self._sealed[sealed])
        parts = [(self.book.accounts[name], owed) for name in names for owed in self.book.accounts[name].owed]
        parts = [(account, owed) for account, owed in parts if owed.sealed == sealed]
        because, _, identity = sealed.partition(":")
        versions = tuple(owed.read() for _, owed in parts)
        delivery = Delivery(identity, self._endpoint.name, because, versions)  # type: ignore[arg-type]  # as it was sealed
        last = {account.exception: (account, owed.version) for account, owed in parts}
        answer = await self._try(delivery, sealed)
        if answer.is_told:
            for account, version in last.values():
                account.answered(identity, self._office.now(), upto=version)
            await self._done([account for account, _ in last.values()], len(versions), delivery.because)
        elif self._is_over(answer, parts[0][1]):
            await self._give_up(list(last.values()), answer)
        if sealed not in self._again:
            del self._sealed[sealed]
        self._end(names)

    async def _try(self, delivery: Delivery, name: str) -> Answer:
        """Send once; notes when to try again where it failed."""
        answer = await self._transport.send(delivery)
        if answer.is_told:
            self._pace.answered(name)
            return answer
        self._again[name] = self._pace.failed(name, self._office.now(), answer.after)
        self._office.observer.failed(self._endpoint.name)
        level = logging.WARNING if self._pace.tries(name) == 1 else logging.DEBUG
        log.log(level, "%s was not told (%s): %s", self._endpoint.name, delivery.id, answer.words)
        return answer

    def _is_over(self, answer: Answer, owed: Owed) -> bool:
        return answer.is_final or self._office.now() - owed.tried > self._endpoint.give_up * HOUR

    async def _done(self, accounts: Sequence[Account], versions: int, because: Because) -> None:
        await self._office.journal.save(accounts)
        self._office.observer.told(self._endpoint.name, versions, because)

    async def _give_up(self, last: Sequence[tuple[Account, int]], answer: Answer) -> None:
        gone = [(account, owed) for account, version in last for owed in account.gave_up(upto=version)]
        for account, owed in gone:
            self._again.pop(account.exception, None)
            self._again.pop(owed.sealed or "", None)
            await self._office.journal.dead_letter(account, owed, answer.words)
        await self._office.journal.save([account for account, _ in last])
        self._office.observer.given_up(self._endpoint.name, len(gone))
        log.error("%s: %d versions are dead letters: %s", self._endpoint.name, len(gone), answer.words)


def _seconds(now: Millis, moments: Iterable[Millis]) -> float:
    """Until the first of some moments; at most a minute, so that a clock that is set does not matter for long."""
    return max(0.02, min(60.0, (min(moments, default=Millis(now + 60 * SECOND)) - now) / SECOND))
