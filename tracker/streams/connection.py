"""How everything here connects to Kafka: the one place that turns settings into a client's arguments.

Whoever makes a client of aiokafka gives it `**secured(settings).options()` beside the brokers; Faust gets
`credentials()`. A test looks for clients that are made without.
"""

import ssl
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

import faust
from aiokafka.errors import KafkaConnectionError

from tracker.settings import BadSettings, Settings


@dataclass(frozen=True)
class Security:
    """Who we are to the brokers and how the way there is closed; without anything: in the open, as on one machine."""

    user: str | None = None
    password: str | None = None
    mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = "SCRAM-SHA-512"
    tls: bool = False
    ca: Path | None = None
    """Certificates that the brokers' must go back to; None: those of this machine."""
    certificate: Path | None = None
    key: Path | None = None
    """Our own certificate and its key, for brokers that ask for one (mutual TLS)."""
    key_password: str | None = None

    def __repr__(self) -> str:
        """Without the passwords: this may end in a log."""
        return f"Security({self.protocol}, user={self.user!r})"

    @property
    def protocol(self) -> Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]:
        """Kafka's name of it."""
        if self.user is None:
            return "SSL" if self.tls else "PLAINTEXT"
        return "SASL_SSL" if self.tls else "SASL_PLAINTEXT"

    def options(self) -> dict[str, Any]:
        """The arguments of a client of aiokafka. Raises `BadSettings` for a certificate that can't be used."""
        options: dict[str, Any] = {"security_protocol": self.protocol}
        if self.tls:
            options["ssl_context"] = self._context
        if self.user is not None:
            options |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.user,
                "sasl_plain_password": self.password,
            }
        return options

    def credentials(self) -> Any:
        """The same for Faust; None in the open. Raises `BadSettings` for a certificate that can't be used."""
        context = self._context if self.tls else None
        if self.user is not None:
            return faust.SASLCredentials(
                username=self.user, password=self.password, ssl_context=context, mechanism=self.mechanism
            )
        return None if context is None else faust.SSLCredentials(context)

    def refused(self, brokers: str) -> KafkaConnectionError:
        """What to say when no broker took the connection: aiokafka tells the reason to its log alone."""
        asked = "" if self == OPEN else f", or {self.protocol} as {self.user or 'the certificate'} is not taken there"
        return KafkaConnectionError(f"no broker at {brokers}{asked}; start it, or name another with --brokers")

    @cached_property
    def _context(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=None if self.ca is None else str(self.ca))
            if self.certificate is not None:
                context.load_cert_chain(self.certificate, self.key, self.key_password or _no_password)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise BadSettings(
                f"TLS: {error} ({self.ca or 'certificates of this machine'}, {self.certificate or 'none of ours'}); "
                "wanted PEM files, see TRACKER_TLS_CA, TRACKER_TLS_CERTIFICATE and TRACKER_TLS_KEY"
            ) from error
        return context


def secured(settings: Settings) -> Security:
    """How the settings want us to connect. Raises `BadSettings` when the password's file can't be read."""
    password = settings.sasl_password
    if (file := settings.sasl_password_file) is not None:
        try:
            password = file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadSettings(f"TRACKER_SASL_PASSWORD_FILE: {file}: {error}; wanted one line, the password") from error
    return Security(
        settings.sasl_user, password, settings.sasl_mechanism, settings.tls, settings.tls_ca,
        settings.tls_certificate, settings.tls_key, settings.tls_key_password,
    )  # fmt: skip


def _no_password() -> str:
    # Without this OpenSSL asks on the terminal, and a worker hangs there.
    raise ValueError("the key is locked with a password and TRACKER_TLS_KEY_PASSWORD is not set")


OPEN: Final = Security()
"""No user and no TLS."""
