"""Where trials are made one after another: a Kafka node, if need be with a proxy before it, and what trials share."""

import asyncio
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from aiokafka.errors import KafkaError

from tests.broker.kafka import Kafka, free_ports
from tests.broker.whole import admin_of
from tests.chaos.load import Loads
from tests.chaos.toxic import Toxic
from tests.chaos.trial import Plan, Trial, run
from tracker.service import load_world
from tracker.settings import Settings

KEPT: Final = Path("artefacts")
EMPTIED_SECONDS_MAX: Final = 30.0
TRIALS_MAX: Final = 10
"""Of one node: then a fresh one, for what was deleted leaves something in its memory."""


class Stand:
    """Makes trials. The node is kept for the next unless one went wrong; what its workers wrote then, too."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._loads = Loads(load_world(Settings()))
        self._held = ExitStack()
        self._kafka: Kafka | None = None
        self._toxic: Toxic | None = None
        self._port = 0
        self._trials = 0

    def __enter__(self) -> Self:
        """Nodes are started when they are needed."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the node and the proxy."""
        self._leave()

    def make(self, plan: Plan) -> Trial:
        """One trial on an empty node."""
        with tempfile.TemporaryDirectory(prefix="tracker-chaos-") as name:
            folder = Path(name)
            kafka, toxic = self._node(), self._proxy() if plan.network else None
            try:
                trial = asyncio.run(run(plan, self._loads, kafka, toxic, folder))
            except BaseException:
                self._leave()
                raise
            if trial.wrong or trial.restarts:
                _keep(folder, KEPT / f"chaos-{plan.seed}")
            self._trials += 1
            if trial.wrong or self._trials >= TRIALS_MAX or not asyncio.run(_emptied(kafka)):
                self._leave()
        return trial

    def _node(self) -> Kafka:
        if self._kafka is None:
            (self._port,) = free_ports(1)
            self._kafka = self._held.enter_context(Kafka(proxy=self._port))
        return self._kafka

    def _proxy(self) -> Toxic:
        if self._toxic is None:
            self._toxic = self._held.enter_context(Toxic(self._port))
            self._toxic.begin(self._node().behind_proxy)
        return self._toxic

    def _leave(self) -> None:
        self._held.close()
        self._held = ExitStack()
        self._kafka, self._toxic, self._trials = None, None, 0


async def _emptied(kafka: Kafka) -> bool:
    """Delete all topics but Kafka's own, for the next trial's have the same names; whether the node does so in time."""
    try:
        async with asyncio.timeout(EMPTIED_SECONDS_MAX), admin_of(kafka.bootstrap) as admin:
            while names := [name for name in await admin.list_topics() if not name.startswith("__")]:
                await admin.delete_topics(names)
                await asyncio.sleep(0.2)
    except (KafkaError, OSError, TimeoutError):
        return False
    return True


def _keep(folder: Path, kept: Path) -> None:
    kept.mkdir(parents=True, exist_ok=True)
    for log in folder.glob("*.log"):
        shutil.copy(log, kept)
