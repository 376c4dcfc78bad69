"""A notify file: what it says, and what is wrong in it, with its line."""

from pathlib import Path

import pytest

from tracker.contract.endpoints import Alertmanager, Mail, Subscription, Webhook
from tracker.contract.network_file import load_network
from tracker.contract.notify_file import NotifyFileError, read_endpoints

NETWORK = load_network()
ENVIRONMENT = {"OPS_SECRET": "sixteen-or-longer", "SHORT": "short", "MAIL_WORD": "a-word"}
GOOD = """
endpoints:
  operations:
    webhook: {url: "https://ops.example/hooks/rail", secret_env: OPS_SECRET}
    tell:
      - {corridor: [middle, middle-btk], severity: [warning, critical]}
      - {node: KZ-AKTAU, rule: [dwell, node_stopped]}
    quiet: {from: "22:00", to: "06:00", zone: Asia/Almaty}
    per_hour: 60
  alerts:
    alertmanager: {url: "http://127.0.0.1:9093/", containers: 20}
  desk:
    mail:
      {server: smtp.example, port: 587, tls: starttls, user: rail, password_env: MAIL_WORD, from: rail@ops.example,
       to: [desk@ops.example], every_minutes: 30}
"""


def read(text: str) -> tuple[object, ...]:
    return read_endpoints(text, NETWORK, ["ktz-express"], ENVIRONMENT)


def test_a_good_file_says_whom_to_tell_of_what_and_when() -> None:
    operations, alerts, desk = read_endpoints(GOOD, NETWORK, ["ktz-express"], ENVIRONMENT)
    assert operations.target == Webhook("https://ops.example/hooks/rail", b"sixteen-or-longer")
    assert operations.tell == (
        Subscription(corridor=frozenset(("middle", "middle-btk")), severity=frozenset(("warning", "critical"))),
        Subscription(node=frozenset(("KZ-AKTAU",)), rule=frozenset(("dwell", "node_stopped"))),
    )
    assert (operations.per_hour, operations.retry, operations.give_up) == (60, (1.0, 900.0), 24)
    assert alerts.target == Alertmanager("http://127.0.0.1:9093", 20, 60)
    assert (alerts.tell, alerts.quiet) == ((Subscription(),), None)
    assert desk.target == Mail(
        "smtp.example", "rail@ops.example", ("desk@ops.example",), 587, "starttls", "rail", "a-word", 1800
    )


def test_a_secret_may_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("another-long-secret\n")
    text = f"endpoints:\n  ops:\n    webhook: {{url: 'https://x.example', secret_file: '{tmp_path}/secret'}}\n"
    [ops] = read_endpoints(text, NETWORK, [], {})
    assert ops.target == Webhook("https://x.example", b"another-long-secret")


HOOK = 'webhook: {url: "https://x.example/", secret_env: OPS_SECRET}'


@pytest.mark.parametrize(("part", "line", "told"), [
    ("{}", 3, "0 targets seen, wanted one of webhook, alertmanager, mail"),
    (f"{{{HOOK}, mail: {{server: x, from: a@b, to: [c@d]}}}}", 3, "2 targets seen"),
    (f"{{{HOOK}, tell: [{{corridor: midle}}]}}", 3, "corridor midle seen, wanted northern"),
    (f"{{{HOOK}, tell: [{{node: KZ-NOWHERE}}]}}", 3, "node KZ-NOWHERE seen, wanted one of the network"),
    (f"{{{HOOK}, tell: [{{carrier: nobody}}]}}", 3, "carrier nobody seen, wanted ktz-express"),
    (f"{{{HOOK}, tell: [{{rule: tardy}}]}}", 3, "rule tardy seen, wanted"),
    (f"{{{HOOK}, tell: [{{severity: fatal}}]}}", 3, "severity"),
    (f"{{{HOOK}, tell: []}}", 3, "tell"),
    (f'{{{HOOK}, quiet: {{from: "22:00", to: "22:00", zone: UTC}}}}', 3, "wanted two different hours"),
    (f'{{{HOOK}, quiet: {{from: "9", to: "22:00", zone: UTC}}}}', 3, "wanted an hour of the day"),
    (f'{{{HOOK}, quiet: {{from: "09:00", to: "25:00", zone: UTC}}}}', 3, "hour must be in 0..23"),
    (f'{{{HOOK}, quiet: {{from: "09:00", to: "10:00", zone: Mars/Base}}}}', 3, "wanted an IANA zone"),
    (f"{{{HOOK}, per_hour: 0}}", 3, "per_hour"),
    (f"{{{HOOK}, retry_seconds: [9, 1]}}", 3, "the longest seen before the first"),
    ("{webhook: {url: 'ftp://x', secret_env: OPS_SECRET}}", 3, "wanted an address that begins with http"),
    ("{webhook: {url: 'https://me:word@x', secret_env: OPS_SECRET}}", 3, "wanted none: requests are signed"),
    ("{webhook: {url: 'https://x', secret_env: NOT_SET}}", 3, "environment variable NOT_SET is not set"),
    ("{webhook: {url: 'https://x', secret_env: SHORT}}", 3, "a secret of 5 characters seen, wanted 16"),
    ("{webhook: {url: 'https://x'}}", 3, "secret_env and secret_file: one of them wanted"),
    ("{webhook: {url: 'https://x', secret_file: /nowhere/at/all}}", 3, "can't be read"),
    ("{webhook: {url: 'https://x', secret: my-own}}", 3, "secret: unknown field"),
    ("{mail: {server: x, from: 'a@b', to: ['c@d, e@f']}}", 3, "to.0"),
    ("{mail: {server: x, from: 'a@b', to: ['c@d'], user: me}}", 3, "wanted tls"),
    ("{mail: {server: x, from: 'a@b', to: ['c@d']}, per_hour: 3}", 3, "mail goes in digests"),
    ("{alertmanager: {url: 'http://x'}, per_hour: 3}", 3, "the Alertmanager's own to decide"),
])  # fmt: skip
def test_what_is_wrong_is_told_with_its_line_and_what_is_wanted(part: str, line: int, told: str) -> None:
    with pytest.raises(NotifyFileError) as refused:
        read(f"# whom to tell\nendpoints:\n  ops: {part}\n")
    assert any(finding.line == line and told in finding.message for finding in refused.value.findings), str(
        refused.value
    )


@pytest.mark.parametrize("name", ["canary", "Ops", "1st", "a" * 41])
def test_a_name_is_a_short_word_and_not_that_of_what_is_built_in(name: str) -> None:
    with pytest.raises(NotifyFileError):
        read(f"endpoints:\n  {name}:\n    {HOOK}\n")


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(NotifyFileError) as refused:
        read(f"endpoints:\n  ops:\n    {HOOK}\n    tell:\n    - {{corridor: midle}}\n    - {{node: NOWHERE}}\n")
    assert [finding.line for finding in refused.value.findings] == [5, 6]
