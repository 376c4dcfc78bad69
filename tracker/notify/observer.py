"""What the notifier tells about itself."""

from typing import Protocol

from tracker.notify.delivery import Because


class Observer(Protocol):
    """Hears what happens; `tracker.metrics` implements it. Endpoints are those of the file: a closed set."""

    def told(self, endpoint: str, versions: int, because: Because) -> None:
        """A delivery of so many versions was answered, and that is in the journal."""

    def failed(self, endpoint: str) -> None:
        """One try failed."""

    def given_up(self, endpoint: str, versions: int) -> None:
        """So many versions went to the dead letters."""

    def unreadable(self) -> None:
        """A record of `rail.exceptions` is none."""


class Silence:
    """Hears nothing."""

    def told(self, endpoint: str, versions: int, because: Because) -> None:
        """Nothing."""

    def failed(self, endpoint: str) -> None:
        """Nothing."""

    def given_up(self, endpoint: str, versions: int) -> None:
        """Nothing."""

    def unreadable(self) -> None:
        """Nothing."""
