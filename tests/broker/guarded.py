"""A Kafka node that asks everybody who they are and denies what nobody allowed, with users made by `tracker topics`.

Listeners beside the open one, which is the administrator's: SCRAM, SCRAM over TLS, and TLS with clients' certificates.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaProducer

from tests.broker.jars import MissingTool
from tests.broker.kafka import Kafka
from tracker.settings import Settings
from tracker.streams.connection import Security

SASL, SASL_TLS, TLS = "SASL_PLAINTEXT", "SASL_SSL", "SSL"
CARRIERS: Final = ("alpha", "beta")
CARRIERS_FILE: Final = "carriers:\n  - {id: alpha, name: Alpha}\n  - {id: beta, name: Beta}\n"
QUOTA: Final = 50_000
"""Bytes a second of a carrier: small, so that a test can exceed it twenty times."""
ADMIN: Final = Security()
"""The open listener's user is a super user here."""


class Certificates(NamedTuple):
    """PEM files: who signs, the broker (key and certificate), a carrier's certificate and its key."""

    ca: Path
    broker: Path
    client: Path
    client_key: Path


class Guarded(NamedTuple):
    """The running node, its certificates and the passwords of the users."""

    kafka: Kafka
    certificates: Certificates
    passwords: dict[str, str]

    def user(self, name: str, *, ca: Path | None = None) -> Security:
        """A user with its password; with `ca` over TLS."""
        return Security(name, self.passwords[name], tls=ca is not None, ca=ca)

    def carrier(self, name: str) -> Security:
        """A carrier's user."""
        return self.user(f"carrier.{name}")


def certificates(folder: Path) -> Certificates:
    """An authority, and certificates for 127.0.0.1 and carrier alpha. `MissingTool` without openssl."""
    if shutil.which("openssl") is None:
        raise MissingTool("openssl is not on PATH: install it")
    ca = _signed(folder, "ca", "tracker-test-ca", None)
    made = Certificates(
        ca, folder / "broker.pem", _signed(folder, "client", "carrier.alpha", ca), folder / "client.key"
    )
    broker = _signed(folder, "server", "127.0.0.1", ca)
    made.broker.write_text((folder / "server.key").read_text() + broker.read_text())
    return made


def _signed(folder: Path, name: str, subject: str, ca: Path | None) -> Path:
    made = folder / f"{name}.crt"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    words += ["-days", "2", "-subj", f"/CN={subject}", "-keyout", str(folder / f"{name}.key"), "-out", str(made)]
    if ca is None:
        words += ["-addext", "basicConstraints=critical,CA:TRUE"]
    else:
        words += ["-CA", str(ca), "-CAkey", str(folder / "ca.key")]
        words += ["-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(words, check=True, capture_output=True)
    return made


@contextmanager
def guarded_kafka(folder: Path) -> Iterator[tuple[Kafka, Certificates]]:
    """The node; nobody but the open listener's user may do anything yet."""
    made = certificates(folder)
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    settings = {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config": scram,
        "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": scram,
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(made.broker),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(made.ca),
        "listener.name.ssl.ssl.client.auth": "required",
        "ssl.principal.mapping.rules": "RULE:^CN=(.*)$/$1/,DEFAULT",
        # A short memory, so that a test sees in seconds what takes eleven by default.
        "quota.window.num": "2",
        "quota.window.size.seconds": "1",
    }
    with Kafka(settings=settings, protocols=(SASL, SASL_TLS, TLS)) as kafka:
        yield kafka, made


def settings_of(brokers: str, folder: Path, **given: Any) -> Settings:
    """Settings of a tracker of two carriers, not of this machine's environment."""
    file = folder / "carriers.yaml"
    file.write_text(CARRIERS_FILE)
    return Settings(brokers=brokers, app_id="guarded", partitions=1, carriers=file, web_port=0, **given)


def environment(brokers: str, folder: Path, **given: str) -> dict[str, str]:
    """The same as variables, for commands in processes of their own."""
    (folder / "carriers.yaml").write_text(CARRIERS_FILE)
    own = {name: value for name, value in os.environ.items() if not name.startswith("TRACKER_")}
    mine = {"BROKERS": brokers, "APP_ID": "guarded", "PARTITIONS": "1", "CARRIERS": str(folder / "carriers.yaml")}
    return own | {f"TRACKER_{name}": value for name, value in {**mine, "WEB_PORT": "0", **given}.items()}


async def write(brokers: str, security: Security, topic: str, *values: bytes, headers: Any = ()) -> None:
    """Send and wait for each acknowledgement. Raises what the broker answers."""
    producer: Any = AIOKafkaProducer(bootstrap_servers=brokers, **security.options())
    try:
        await producer.start()
        for value in values:
            await producer.send_and_wait(topic, value, headers=list(headers))
    finally:
        await producer.stop()
