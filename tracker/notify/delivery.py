"""A delivery: what goes to an endpoint at once, and what came back."""

from typing import Literal, NamedTuple, Protocol

from tracker.notify.version import Version

Because = Literal["one", "limit", "quiet", "digest"]
"""Why versions go together: `one` goes alone; the limit per hour, quiet hours or a digest gathered the others."""


class Delivery(NamedTuple):
    """Versions for one endpoint, with an id that stays the same however often it is sent."""

    id: str
    endpoint: str
    because: Because
    versions: tuple[Version, ...]


class Answer(NamedTuple):
    """What became of one try. `is_final`: no other try will be better. `after`: seconds the endpoint asked to wait."""

    is_told: bool
    words: str
    is_final: bool = False
    after: float | None = None


class Transport(Protocol):
    """Brings deliveries to one endpoint."""

    async def send(self, delivery: Delivery) -> Answer:
        """Try once; within the endpoint's timeout. Never raises for what the other side does."""

    async def close(self) -> None:
        """Let go of connections."""
