"""The dead man's switch: calls when Alertmanager's Watchdog stops coming, because then nobody is told anything.

`python deadman.py --port 9095 --seconds 180 --smtp mail:1025 --to duty@rail.example`. Every POST is a ping. When none
came for so long it sends one mail, and another when they come again; `/healthz` is 503 in between. Standard library
only, and apart from all that it watches: run it where Prometheus and Alertmanager are not.
"""

import argparse
import smtplib
import threading
import time
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

LOOKS_SECONDS: Final = 0.2
TIMEOUT_SECONDS: Final = 10.0


class Switch:
    """When it was pinged last, and whether somebody was called for it."""

    def __init__(self, seconds: float, smtp: str, to: str) -> None:
        """It counts as pinged when it is made."""
        self._seconds, self._smtp, self._to = seconds, smtp, to
        self._last = time.monotonic()
        self.called = False

    def ping(self) -> None:
        """Somebody is alive."""
        self._last = time.monotonic()

    def look(self) -> None:
        """Call, or call off. A mail that cannot be sent is tried again at the next look, and said on the way."""
        silent = time.monotonic() - self._last > self._seconds
        if silent == self.called:
            return
        words = (
            f"no Watchdog for {self._seconds:g} s: Prometheus or Alertmanager is down, nobody is told anything"
            if silent
            else "the Watchdog is back: alerting works"
        )
        try:
            self._mail(words)
        except (OSError, smtplib.SMTPException) as error:
            print(f"deadman: {words}; and no mail could be sent: {error}", flush=True)
            return
        print(f"deadman: {words}", flush=True)
        self.called = silent

    def _mail(self, words: str) -> None:
        host, _, port = self._smtp.rpartition(":")
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = words, "deadman@rail.example", self._to
        message.set_content(f"{words}.\nWhat to do: the runbook Watchdog.\n")
        with smtplib.SMTP(host, int(port), timeout=TIMEOUT_SECONDS) as server:
            server.send_message(message)


def serve(switch: Switch, port: int) -> ThreadingHTTPServer:
    """A server that takes pings, not yet running."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            switch.ping()
            self.send_response(204)
            self.end_headers()

        def do_GET(self) -> None:
            self.send_response(503 if switch.called else 200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Nothing: a ping a minute."""

    return ThreadingHTTPServer(("", port), Handler)


def main() -> None:
    """Watch until ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=9095)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--smtp", required=True)
    parser.add_argument("--to", required=True)
    given = parser.parse_args()
    switch = Switch(given.seconds, given.smtp, given.to)
    threading.Thread(target=serve(switch, given.port).serve_forever, daemon=True).start()
    while True:
        switch.look()
        time.sleep(LOOKS_SECONDS)


if __name__ == "__main__":
    main()
