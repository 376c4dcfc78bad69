"""Settings become a client's arguments in one place, and every client takes them."""

import ast
import ssl
from pathlib import Path

import pytest

import tracker
from tracker.settings import BadSettings, Settings, load_settings
from tracker.streams.connection import OPEN, Security, secured

HIDDEN = "hidden"
CLIENTS = {"AIOKafkaProducer", "AIOKafkaConsumer", "AIOKafkaAdminClient"}


def test_every_client_of_kafka_is_made_with_the_connections_arguments() -> None:
    sources = Path(tracker.__file__).parent.rglob("*.py")
    made = [
        (source.name, node.lineno, any(word.arg is None for word in node.keywords))
        for source in sources
        for node in ast.walk(ast.parse(source.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CLIENTS
    ]
    assert len(made) >= 6
    assert [(name, line) for name, line, given in made if not given] == []


def test_without_settings_the_connection_is_in_the_open() -> None:
    assert secured(Settings()) == OPEN
    assert OPEN.options() == {"security_protocol": "PLAINTEXT"}
    assert OPEN.credentials() is None


def test_a_user_goes_to_aiokafka_and_to_faust_alike(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{HIDDEN}\n")
    security = secured(Settings(sasl_user="tracker", sasl_password_file=tmp_path / "secret", tls=True))
    options, credentials = security.options(), security.credentials()
    assert options["security_protocol"] == credentials.protocol.value == "SASL_SSL"
    assert options["sasl_mechanism"] == credentials.mechanism.value == "SCRAM-SHA-512"
    assert options["sasl_plain_password"] == credentials.password == HIDDEN
    assert options["ssl_context"] is credentials.ssl_context
    assert options["ssl_context"].verify_mode is ssl.CERT_REQUIRED
    assert options["ssl_context"].check_hostname
    assert HIDDEN not in repr(security)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"sasl_user": "tracker"}, "wanted TRACKER_SASL_USER with either TRACKER_SASL_PASSWORD"),
        ({"sasl_password": "x"}, "wanted TRACKER_SASL_USER with either TRACKER_SASL_PASSWORD"),
        ({"sasl_user": "t", "sasl_password": "x", "sasl_password_file": "y"}, "with either"),
        ({"tls_ca": "ca.pem"}, "tls_ca seen without tls; set TRACKER_TLS to true"),
        ({"tls": True, "tls_key": "key.pem"}, "tls_key seen without its certificate"),
    ],
)
def test_half_a_credential_stops_the_start(given: dict[str, str], told: str) -> None:
    with pytest.raises(BadSettings, match=told):
        load_settings(**given)


def test_files_that_are_not_there_or_no_certificates_are_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    for security in (Security(tls=True, ca=tmp_path / "ca.pem"), Security(tls=True, ca=tmp_path / "none.pem")):
        with pytest.raises(BadSettings, match="wanted PEM files, see TRACKER_TLS_CA"):
            security.options()
    with pytest.raises(BadSettings, match=r"TRACKER_SASL_PASSWORD_FILE.*wanted one line"):
        secured(Settings(sasl_user="tracker", sasl_password_file=tmp_path / "none"))


def test_passwords_are_not_shown_with_the_settings() -> None:
    assert HIDDEN not in repr(Settings(sasl_user="tracker", sasl_password=HIDDEN, tls_key_password=HIDDEN))
