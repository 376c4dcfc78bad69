"""Rights follow from the topics: the workers reach each of theirs, carriers two each."""

from tracker.settings import Settings
from tracker.streams.rights import Quota, Right, carrier_rights, carrier_user, commands, tracker_rights
from tracker.streams.topics import plan

CARRIERS = ("alpha", "beta")


def test_the_workers_user_may_describe_every_topic_of_the_plan_and_write_no_carriers_events() -> None:
    settings = Settings()
    rights = tracker_rights("tracker", settings, CARRIERS)
    topics = {spec.name for spec in plan(settings, CARRIERS)}
    assert {right.name for right in rights if right.kind == "topic" and right.operation == "Describe"} == topics
    assert not [right for right in rights if right.name.endswith(".events") and right.operation == "Write"]
    assert not [right for right in rights if right.name.endswith(".feedback") and right.operation == "Read"]


def test_with_canaries_the_user_writes_their_reports_and_still_no_carriers() -> None:
    settings = Settings(canary=True)
    rights = tracker_rights("tracker", settings, CARRIERS)
    topics = {spec.name for spec in plan(settings, CARRIERS)}
    assert {right.name for right in rights if right.kind == "topic" and right.operation == "Describe"} == topics
    written = {right.name for right in rights if right.name.endswith(".events") and right.operation == "Write"}
    assert written == {"carrier.canary.events"}
    assert not [right for right in rights if right.name.endswith(".feedback") and right.operation == "Read"]


def test_a_carriers_rights_name_nothing_of_another_or_of_ours() -> None:
    for right in carrier_rights("alpha"):
        assert right.user == "carrier.alpha"
        assert right.name.startswith("carrier.alpha.")


def test_commands_say_every_right_and_limit_once() -> None:
    rights = [right for carrier in CARRIERS for right in carrier_rights(carrier)]
    users = [*map(carrier_user, CARRIERS)]
    lines = list(commands("127.0.0.1:9092", rights, users, {user: Quota(1000, 2000, 12.5) for user in users}))
    assert len(lines) == 2 + 6 + 2
    assert (
        "--allow-principal User:carrier.beta --operation Write --operation Describe --topic carrier.beta.events "
        "--resource-pattern-type literal"
    ) in "\n".join(lines)
    assert lines[-1].endswith("producer_byte_rate=1000,consumer_byte_rate=2000,request_percentage=12.5")


def test_a_name_with_strange_letters_stays_one_word() -> None:
    [line] = commands("b:1", [Right("o'neil", "topic", "a b", "literal", "Read")], [], {})
    assert """--allow-principal 'User:o'"'"'neil' --operation Read --topic 'a b' """ in line
