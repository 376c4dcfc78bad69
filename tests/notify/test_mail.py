"""Digests by mail against a real SMTP server."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.notify.postbox import Mailbox, postbox
from tests.notify.records import incident, over, record, version_of
from tracker.contract.endpoints import Mail
from tracker.notify.delivery import Delivery
from tracker.notify.mail import MailTransport


@pytest.fixture
def box() -> Iterator[tuple[Mailbox, Mail]]:
    with postbox() as (handler, port):
        yield handler, Mail("127.0.0.1", "rail@ops.example", ("desk@ops.example", "boss@ops.example"), port)


def digest(*written: dict[str, Any]) -> Delivery:
    return Delivery("desk-1", "desk", "digest", tuple(map(version_of, written)))


async def test_a_digest_says_what_is_open_and_what_is_over_incidents_first(box: tuple[Mailbox, Mail]) -> None:
    handler, target = box
    delivery = digest(record(2), record(1), over(1), record(3, corridor="northern"), incident())
    assert (await MailTransport(target, 5).send(delivery)).is_told
    [message] = handler.taken
    assert message["Subject"] == "[rail] 3 open, 1 over"
    assert (message["From"], message["To"]) == ("rail@ops.example", "desk@ops.example, boss@ops.example")
    assert message["Message-ID"] == "<desk-1@ops.example>"
    text = message.get_content()
    lines = [line for line in text.splitlines() if line and not line.startswith("    ")]
    assert lines == [
        "Open",
        "departures have stopped at KZ-AKTAU (critical)",
        "CSQU0000002 standing too long at KZ-AKTAU (critical)",
        "CSQU0000003 standing too long at KZ-AKTAU (critical)",
        "Over",
        "CSQU0000001 standing too long at KZ-AKTAU (over)",
    ]
    assert "over: departed" in text
    assert f"{record(2)['id']} version 1" in text


async def test_one_alone_is_in_the_subject(box: tuple[Mailbox, Mail]) -> None:
    handler, target = box
    await MailTransport(target, 5).send(digest(record()))
    assert handler.taken[0]["Subject"] == "[rail] 1 open, 0 over: CSQU0000001 standing too long at KZ-AKTAU"


async def test_what_others_wrote_adds_no_line_and_no_header(box: tuple[Mailbox, Mail]) -> None:
    handler, target = box
    evil = record(node="KZ-AKTAU\r\nBcc: all@ops.example\r\n\r\nhello", cause="x\nOver\ny")
    assert (await MailTransport(target, 5).send(digest(evil))).is_told
    [message] = handler.taken
    assert message["Bcc"] is None
    assert "hello" in message["Subject"]
    assert "Over" not in message.get_content().splitlines()


async def test_a_message_that_was_refused_goes_again_as_the_same(box: tuple[Mailbox, Mail]) -> None:
    handler, target = box
    handler.refuses = 1
    transport = MailTransport(target, 5)
    first, second = await transport.send(digest(record())), await transport.send(digest(record()))
    assert (first.is_told, "451" in first.words, second.is_told) == (False, True, True)
    assert [each["Message-ID"] for each in handler.taken] == ["<desk-1@ops.example>"]


async def test_a_mailbox_that_is_not_there_does_not_keep_the_others_from_theirs(box: tuple[Mailbox, Mail]) -> None:
    handler, target = box
    handler.unknown.add("boss@ops.example")
    answer = await MailTransport(target, 5).send(digest(record()))
    assert (answer.is_told, answer.words, len(handler.taken)) == (True, "refused for boss@ops.example", 1)


async def test_a_server_that_says_nothing_is_left_after_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        target = Mail("127.0.0.1", "a@b", ("c@d",), mute.getsockname()[1])
        answer = await MailTransport(target, 0.3).send(digest(record()))
    assert (answer.is_told, "timed out" in answer.words) == (False, True)


async def test_no_server_is_a_failure_like_any_other() -> None:
    answer = await MailTransport(Mail("127.0.0.1", "a@b", ("c@d",), 9), 0.5).send(digest(record()))
    assert not answer.is_told
