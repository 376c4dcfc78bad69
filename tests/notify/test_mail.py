"""Digests by mail against a real SMTP server."""

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

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


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make a certificate with")
async def test_a_password_goes_only_over_a_way_that_is_closed_and_to_who_is_who_they_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")]
    subprocess.run(["openssl", *made.split(), *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")

    def knows(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"rail", b"a-word"), handled=False)

    with postbox(tls_context=context, require_starttls=True, authenticator=knows, auth_required=True) as (box, port):
        target = Mail("localhost", "rail@ops.example", ("desk@ops.example",), port, "starttls", "rail", "a-word")
        stranger = await MailTransport(target, 5).send(digest(record()))
        assert (stranger.is_told, "CERTIFICATE_VERIFY_FAILED" in stranger.words, box.taken) == (False, True, [])
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        assert (await MailTransport(target, 5).send(digest(record()))).is_told
        wrong = await MailTransport(replace(target, user="another"), 5).send(digest(record()))
        assert (wrong.is_told, "535" in wrong.words, len(box.taken)) == (False, True, 1)


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
