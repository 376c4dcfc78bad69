"""An account: what one endpoint was told of one exception, and what is owed to it. Pure; time is an argument.

A version is owed once it is wanted and has stood for a minute: what is over, or found to be explained, within the
minute is told to nobody. Versions are told in their order, one at a time. That something is over is told to those who
were told that it began, whatever else was learned of it meanwhile.
"""

from hashlib import blake2b
from typing import Final

import msgspec

from tracker.domain.moment import DAY, Millis
from tracker.notify.version import Version, read_version

OWED_MAX: Final = 20
"""Versions that wait for one endpoint; of more, the newest takes the place of the last that waits."""
KEPT: Final = 2 * DAY
"""How long an account that is settled is kept: an exception may open again within a day, and records may repeat."""


class Owed(msgspec.Struct, omit_defaults=True):
    """A version to be told. `due`: from when on, by the wall. `since`: clock from which on the exception stands.

    `tried`: when telling it was first tried, 0 before. `sealed`: the delivery it is part of together with others;
    as long as that is not answered, it is sent again with the same content.
    """

    version: int
    due: Millis
    since: Millis
    record: msgspec.Raw
    tried: Millis = Millis(0)
    sealed: str | None = None

    def read(self) -> Version:
        """The version."""
        return read_version(bytes(self.record))


class Account(msgspec.Struct, omit_defaults=True):
    """One endpoint and one exception; the value of its record in the journal.

    `seen`: the newest version taken in. `told`: the newest that was answered, `given_up` the newest that went to the
    dead letters. `standing`: the last open version that was told, while nothing told that it is over. `told_at`: when
    the last answer came, by the wall, `delivery` to what. `partition`: the lane (see `lanes`).
    """

    endpoint: str
    exception: str
    partition: int
    seen: int = 0
    told: int = 0
    told_at: Millis = Millis(0)
    delivery: str | None = None
    given_up: int = 0
    standing: Owed | None = None
    owed: list[Owed] = []

    def take(self, version: Version, *, wanted: bool, received: Millis, settles: int) -> bool:
        """Take in a version; whether anything changed. `received`: when it was published, `settles`: the minute, ms."""
        if version.said.version <= self.seen:
            return False
        self.seen = version.said.version
        since, due = version.at, Millis(received + settles)
        if self.owed and (last := self.owed[-1]).tried == 0 and last.sealed is None and last.read().is_open:
            since = last.since
            if version.at - last.since < settles:
                # It did not stand for a minute: told is what followed, if anything.
                self.owed.pop()
                due = last.due
        begun = self.standing is not None or any(each.read().is_open for each in self.owed)
        if version.is_open and wanted and not (version.is_incident and begun):  # an incident is told once
            self._owe(Owed(version.said.version, due, since, msgspec.Raw(version.record)))
        elif not version.is_open and begun:
            self._owe(Owed(version.said.version, received, version.at, msgspec.Raw(version.record)))
        return True

    def _owe(self, owed: Owed) -> None:
        if len(self.owed) >= OWED_MAX and self.owed[-1].tried == 0 and self.owed[-1].sealed is None:
            self.owed.pop()
        self.owed.append(owed)

    def answered(self, delivery: str, clock: Millis, *, upto: int | None = None) -> None:
        """The endpoint answered to the first version owed, or to all up to one."""
        for owed in self._done(upto):
            self.told, self.told_at, self.delivery = owed.version, clock, delivery
            self.standing = owed if owed.read().is_open else None

    def gave_up(self, *, upto: int | None = None) -> list[Owed]:
        """The first version owed, or all up to one, could not be told; gives them."""
        gone = self._done(upto)
        for owed in gone:
            self.given_up = owed.version
            # Told that it began, never told that it is over: that would only be seen by asking.
            self.standing = self.standing if owed.read().is_open else None
        return gone

    def _done(self, upto: int | None) -> list[Owed]:
        until = self.owed[0].version if upto is None else upto
        done = [owed for owed in self.owed if owed.version <= until]
        self.owed = [owed for owed in self.owed if owed.version > until]
        return done

    def forget_history(self) -> None:
        """At the very first start: not told is what is over or changed, and of what stands all but the last version."""
        last = [(owed, owed.read()) for owed in self.owed[-1:]]
        self.owed = [owed for owed, version in last if version.is_open and not version.is_change]

    def is_settled(self, clock: Millis) -> bool:
        """Whether it can be forgotten."""
        if self.owed or self.standing is not None:
            return False
        return clock - self.told_at > KEPT or (self.told == 0 and self.given_up == 0)


def delivery_id(endpoint: str, versions: list[tuple[str, int]]) -> str:
    """The id of a delivery: the same whenever the same versions are told to the same endpoint together.

    >>> delivery_id("desk", [("dwell-002daa6d9d0208a0", 1)])
    'desk-fa3ec459bf0f4d4125308589'
    """
    named = " ".join(f"{exception} {version}" for exception, version in sorted(versions))
    return f"{endpoint}-{blake2b(f'{endpoint} {named}'.encode(), digest_size=12).hexdigest()}"
