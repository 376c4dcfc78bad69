"""A book of acknowledgements on no topic."""

from tracker.contract.acknowledgements import Acknowledgement
from tracker.contract.disruptions import NotReached


class Taken:
    """`is_lost`: nothing can be written."""

    def __init__(self) -> None:
        self.held: dict[str, Acknowledgement] = {}
        self.is_lost = False

    def of(self, exception: str) -> Acknowledgement | None:
        return self.held.get(exception)

    async def enter(self, said: Acknowledgement) -> None:
        self._check()
        self.held[said.exception] = said

    async def take_back(self, exception: str) -> None:
        self._check()
        del self.held[exception]

    def _check(self) -> None:
        if self.is_lost:
            raise NotReached("no broker at 127.0.0.1:1")
