"""The book of one endpoint: its accounts of the partitions that this instance owns."""

from collections.abc import Iterable, Iterator

from tracker.contract.endpoints import Endpoint
from tracker.domain.moment import Millis
from tracker.domain.network import Network
from tracker.notify.account import Account
from tracker.notify.version import Version
from tracker.notify.wanted import is_wanted


class Book:
    """Accounts by exception; bounded by what is open and by `account.KEPT`."""

    def __init__(self, endpoint: Endpoint, network: Network, settles: int, *, canary: bool = False) -> None:
        """Empty. `settles`: milliseconds for which a version must have stood."""
        self.endpoint = endpoint
        self.accounts: dict[str, Account] = {}
        self._network, self._settles, self._canary = network, settles, canary

    def take(self, version: Version, partition: int, received: Millis) -> Account | None:
        """Take in a version published at `received`; the account that changed, None for none."""
        wanted = is_wanted(version, self.endpoint.tell, self._network, canary=self._canary)
        account = self.accounts.get(version.said.id)
        if account is None:
            if not wanted:
                return None
            account = self.accounts[version.said.id] = Account(self.endpoint.name, version.said.id, partition)
        changed = account.take(version, wanted=wanted, received=received, settles=self._settles)
        return account if changed else None

    def restore(self, accounts: Iterable[Account]) -> None:
        """Go on with what the journal holds."""
        self.accounts |= {each.exception: each for each in accounts}

    def drop(self, partition: int) -> None:
        """Another instance owns the partition."""
        self.accounts = {name: each for name, each in self.accounts.items() if each.partition != partition}

    def forget(self, clock: Millis) -> list[Account]:
        """Take out what is settled; gives it."""
        gone = [each for each in self.accounts.values() if each.is_settled(clock)]
        for each in gone:
            del self.accounts[each.exception]
        return gone

    def let_go(self, accounts: Iterable[Account]) -> None:
        """Take out these, which are settled."""
        for each in accounts:
            self.accounts.pop(each.exception, None)

    def owing(self) -> Iterator[Account]:
        """Accounts with something to tell."""
        return (each for each in self.accounts.values() if each.owed)

    def pending(self) -> tuple[int, Millis | None]:
        """How many versions are owed, and since when the oldest is due."""
        dues = [owed.due for each in self.owing() for owed in each.owed]
        return len(dues), min(dues, default=None)
