"""Digests by mail: one message for all that came to be told since the last one.

The server's answer to the whole message is the answer. A message that is sent again, because a crash left open whether
it went, has the same Message-ID: mailboxes and people can tell.
"""

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate

from tracker.contract.endpoints import Mail
from tracker.notify.delivery import Answer, Delivery
from tracker.notify.version import Version
from tracker.notify.words import headline, lines_of


def message_of(delivery: Delivery, target: Mail) -> EmailMessage:
    """The digest."""
    last = {version.said.id: version for version in delivery.versions}
    opened = sorted((each for each in last.values() if each.is_open), key=_order)
    over = sorted((each for each in last.values() if not each.is_open), key=_order)
    message = EmailMessage()
    message["From"], message["To"] = target.sender, ", ".join(target.to)
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = f"<{delivery.id}@{target.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    first = f": {headline(opened[0] if opened else over[0])}" if len(last) == 1 else ""
    message["Subject"] = f"[rail] {len(opened)} open, {len(over)} over{first}"
    lines: list[str] = []
    for title, versions in (("Open", opened), ("Over", over)):
        if versions:
            lines += [title, "", *(line for each in versions for line in lines_of(each)), ""]
    message.set_content("\n".join(lines))
    return message


def _order(version: Version) -> tuple[bool, str, str]:
    return (not version.is_incident, version.deadline, version.said.id)


class MailTransport:
    """Sends to one mailbox or several."""

    def __init__(self, target: Mail, timeout: float) -> None:
        """`timeout`: seconds of one step of the exchange."""
        self._target, self._timeout = target, timeout

    async def send(self, delivery: Delivery) -> Answer:
        """One try, in a thread: the standard library's client blocks."""
        return await asyncio.to_thread(self._send, message_of(delivery, self._target))

    async def close(self) -> None:
        """Nothing is kept open."""

    def _send(self, message: EmailMessage) -> Answer:
        target = self._target
        try:
            server = self._connected()
        except (smtplib.SMTPException, OSError) as error:
            return Answer(False, repr(error))
        try:
            if target.tls == "starttls":
                server.starttls(context=ssl.create_default_context())
            if target.user is not None:
                server.login(target.user, target.password or "")
            refused = server.send_message(message)
        except (smtplib.SMTPException, OSError) as error:
            server.close()
            return Answer(False, repr(error))
        try:
            server.quit()
        except (smtplib.SMTPException, OSError):
            server.close()  # the message was taken: how the server says good-bye does not matter
        return Answer(True, f"refused for {', '.join(sorted(refused))}" if refused else "sent")

    def _connected(self) -> smtplib.SMTP:
        target = self._target
        if target.tls == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(target.server, target.port, timeout=self._timeout, context=context)
        return smtplib.SMTP(target.server, target.port, timeout=self._timeout)
