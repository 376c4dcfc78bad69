"""A desk for an Alertmanager (API v2): everything that stands is sent again and again, and once more when it is over.

An Alertmanager holds what it was told last for a while only, and decides itself whom to tell, how often and when not.
So each word is the whole state: incidents, the containers that are overdue longest, and how many more there are.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import aiohttp

from tracker.contract.endpoints import Alertmanager
from tracker.domain.moment import HOUR, SECOND, Millis, from_datetime, text
from tracker.notify.account import Account, delivery_id
from tracker.notify.book import Book
from tracker.notify.delivery import Answer
from tracker.notify.office import Office
from tracker.notify.pace import Pace
from tracker.notify.version import Version
from tracker.notify.words import headline

log = logging.getLogger(__name__)

INCIDENTS_MAX: Final = 200
"""Incidents sent; there are some 50 nodes and carriers."""
LASTS: Final = 4
"""Times the resend interval after which an alert ends by itself when we are not heard of any more."""
_GATHERS_SECONDS: Final = 0.2
_MOST: Final = 10_000
"""Versions noted as told by one word."""


class AlertDesk:
    """Keeps one Alertmanager in the picture; see the module."""

    def __init__(self, book: Book, office: Office, notifier: str) -> None:
        """Nothing is sent before `run`. `notifier`: the name of this instance, a label of the alert that counts."""
        assert isinstance(book.endpoint.target, Alertmanager)
        self.book, self._office, self._notifier = book, office, notifier
        self._endpoint, self._target = book.endpoint, book.endpoint.target
        self._wake = asyncio.Event()
        self._idle = asyncio.Lock()
        self._pace = Pace(self._endpoint.retry, office.chance)
        self._session: aiohttp.ClientSession | None = None
        self._shown: set[str] = set()
        self._counted = False

    def restore(self, accounts: Sequence[Account]) -> None:
        """Go on with accounts of the journal."""
        self.book.restore(accounts)
        self._wake.set()

    def look_at(self, accounts: Iterable[Account]) -> None:
        """These accounts changed, and that is in the journal."""
        if any(True for _ in accounts):
            self._wake.set()

    async def drop(self, partition: int) -> None:
        """Give a partition up; another instance goes on with it."""
        async with self._idle:
            self.book.drop(partition)

    async def settle(self) -> None:
        """Wait until nothing is under way: at a stop."""
        async with self._idle:
            if self._session is not None:
                await self._session.close()

    async def run(self) -> None:
        """Send what stands, until cancelled."""
        wait = 0.0
        while True:
            try:
                async with asyncio.timeout(wait):
                    await self._wake.wait()
                await asyncio.sleep(_GATHERS_SECONDS)
            except TimeoutError:
                pass
            self._wake.clear()
            async with self._idle:
                wait = await self.tell()

    async def tell(self) -> float:
        """Send the state once; gives the seconds after which to send it again."""
        now = self._office.now()
        due: dict[str, int] = {}
        later = [Millis(now + int(self._target.resend * SECOND))]
        versions: list[Version] = []
        for account in self.book.accounts.values():
            upto, version = self._state(account, now, later)
            if upto:
                due[account.exception] = upto
            if version is not None:
                versions.append(version)
        alerts = self._alerts(versions, now)
        if not alerts and not due:
            return self._wait(now, later)
        answer = await self._post(alerts)
        if not answer.is_told:
            again = self._pace.failed("", self._office.now(), answer.after)
            self._office.observer.failed(self._endpoint.name)
            if self._pace.tries("") == 1:
                log.warning("%s was not told: %s", self._endpoint.name, answer.words)
            await self._bury(due, answer)
            return max(0.02, (again - now) / SECOND)
        self._pace.answered("")
        accounts = [self.book.accounts[name] for name in due]
        for account in accounts:
            identity = delivery_id(self._endpoint.name, [(account.exception, due[account.exception])])
            account.answered(identity, now, upto=due[account.exception])
        if accounts:
            await self._office.journal.save(accounts)
            self._office.observer.told(self._endpoint.name, len(accounts), "one")
        return self._wait(now, later)

    def _wait(self, now: Millis, later: Sequence[Millis]) -> float:
        return max(0.02, (min(later) - now) / SECOND)

    def _state(self, account: Account, now: Millis, later: list[Millis]) -> tuple[int, Version | None]:
        """Up to which version an account is told by the word of now (0: none is new), and what is said of it."""
        upto, last = 0, account.standing
        for owed in account.owed[:_MOST]:
            if owed.due > now:
                later.append(owed.due)
                break
            if not self._office.released(account.partition, owed.due):
                later.append(Millis(now + SECOND // 5))
                break
            owed.tried = owed.tried or now
            upto, last = owed.version, owed
        return upto, None if last is None else last.read()

    def _alerts(self, versions: Sequence[Version], now: Millis) -> list[dict[str, Any]]:
        incidents = sorted((each for each in versions if each.is_incident), key=_overdue)[:INCIDENTS_MAX]
        boxes = sorted((each for each in versions if not each.is_incident and each.is_open), key=_overdue)
        # Who is shown stays shown while it stands: an Alertmanager would take its going for its end.
        boxes.sort(key=lambda each: each.said.id not in self._shown)
        shown, others = boxes[: self._target.containers], boxes[self._target.containers :]
        over = [each for each in versions if not each.is_open and not each.is_incident]
        over = [each for each in over if each.said.id in self._shown or len(self._shown) < self._target.containers]
        self._shown = {each.said.id for each in shown}
        ends = text(Millis(now + int(LASTS * self._target.resend * SECOND)))
        alerts = [_alert(each, now, ends) for each in [*incidents, *shown, *over]]
        if others or self._counted:
            alerts.append(self._more(len(others), now, ends))
        self._counted = bool(others)
        return alerts

    def _more(self, others: int, now: Millis, ends: str) -> dict[str, Any]:
        labels = {"alertname": "RailContainersMore", "severity": "critical", "notifier": self._notifier}
        words = f"{others} more containers are overdue than have an alert of their own ({self._target.containers})"
        return {"labels": labels, "annotations": {"summary": words}, "endsAt": ends if others else text(now)}

    async def _post(self, alerts: list[dict[str, Any]]) -> Answer:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=self._endpoint.timeout)
            self._session = aiohttp.ClientSession(timeout=timeout)
        try:
            response = await self._session.post(f"{self._target.url}/api/v2/alerts", json=alerts, allow_redirects=False)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return Answer(False, repr(error))
        try:
            return Answer(response.status == 200, f"status {response.status}")
        finally:
            response.release()

    async def _bury(self, due: dict[str, int], answer: Answer) -> None:
        """What was tried for too long goes to the dead letters; what stands is sent on all the same."""
        limit = self._office.now() - self._endpoint.give_up * HOUR
        for name, upto in due.items():
            account = self.book.accounts[name]
            old = [owed for owed in account.owed if owed.version <= upto and owed.tried < limit]
            if old:
                standing = old[-1] if old[-1].read().is_open else None
                for owed in account.gave_up(upto=old[-1].version):
                    await self._office.journal.dead_letter(account, owed, answer.words)
                account.standing = standing
                await self._office.journal.save([account])
                self._office.observer.given_up(self._endpoint.name, len(old))


def _overdue(version: Version) -> tuple[datetime, str]:
    """The one that is overdue longest comes first; that order never changes while they stand."""
    moment = datetime.fromisoformat(version.deadline)
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)), version.said.id


def _alert(version: Version, now: Millis, ends: str) -> dict[str, Any]:
    """The alert of one exception or incident. Its labels are its identity: of one severity they never change."""
    record, said = version.content(), version.said
    labels = {
        "alertname": "RailIncident" if version.is_incident else "RailContainerOverdue", "severity": said.severity,
        "rule": said.rule, "exception": said.id, "node": said.node, "leg": said.leg,
        "carrier": said.carrier if version.is_incident else None, "container": said.container,
    }  # fmt: skip
    annotations = {"summary": headline(version), "deadline": said.deadline, "corridor": said.corridor} | {
        name: record.get(name) for name in ("since", "cause", "children", "reason")
    }
    # One alert that ends before it begins would have the whole word refused.
    over = min(now, _moment(record.get("resolved_at"), now))
    begun = min(now if version.is_open else Millis(over - 1), _moment(record.get("since"), now))
    return {
        "labels": {key: value for key, value in labels.items() if value},
        "annotations": {key: str(value) for key, value in annotations.items() if value is not None},
        "startsAt": text(begun),
        "endsAt": ends if version.is_open else text(over),
    }


def _moment(value: object, default: Millis) -> Millis:
    try:
        return from_datetime(datetime.fromisoformat(str(value)).astimezone(UTC))
    except ValueError:
        return default
