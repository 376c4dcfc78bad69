"""What is told of incidents: each transition once, whoever publishes, and what turned out otherwise taken back."""

import json
from collections.abc import Sequence
from typing import Any

from tests.aggregates.notes import clock
from tracker.aggregates.incidents import Incident
from tracker.contract.exceptions import incident_json
from tracker.domain.moment import HOUR
from tracker.domain.network import Direction
from tracker.streams.incidents import ToldIncidents, children_output, transition_of
from tracker.streams.topics import EXCEPTIONS

STOP = Incident("stop", "node_stopped", "KZ-EDGE", Direction.WESTBOUND, None, clock(10), clock(40), None, 30 * HOUR)
SILENCE = Incident("silence", "carrier_silent", None, None, "ktz", clock(50), clock(60), None, 10 * HOUR)


def over(incident: Incident, at: float) -> Incident:
    return incident._replace(resolved=clock(at))


class Publisher:
    """Tells what is new, and reads on the board that it did."""

    def __init__(self, *, replay: bool = False) -> None:
        self.board = ToldIncidents(replay=replay)
        self.said: list[dict[str, Any]] = []

    def tell(self, found: Sequence[Incident], upto: float, *, crashes: bool = False) -> list[str]:
        """The transitions told at a clock; with `crashes` the word of it is lost."""
        news = list(self.board.news(found, clock(upto)))
        for each in news:
            record, word = self.board.outputs(each, clock(upto))
            assert record.topic == EXCEPTIONS
            assert record.key == each.incident.id.encode()
            self.said.append(json.loads(record.value or b""))
            if not crashes:
                assert self.board.take(word.key or b"", word.value)
        return [f"{each.incident.id} {transition_of(each)} {each.version}" for each in news]


def test_an_incident_is_told_when_it_opens_and_when_it_is_over_and_not_between() -> None:
    publisher = Publisher()
    assert publisher.tell([], 30) == []
    assert publisher.tell([STOP], 40) == ["stop opened 1"]
    assert publisher.tell([STOP], 41) == []
    assert publisher.tell([over(STOP, 90)], 90) == ["stop resolved 2"]
    assert publisher.tell([over(STOP, 90)], 91) == []
    assert publisher.said == [incident_json(STOP, 1, 0), incident_json(over(STOP, 90), 2, 0)], "as a batch writes them"


def test_in_a_replay_everything_is_history() -> None:
    publisher = Publisher(replay=True)
    assert publisher.tell([STOP], 40) == ["stop opened 1"]
    assert publisher.tell([over(STOP, 90)], 90) == ["stop resolved 2"]
    assert publisher.said == [
        incident_json(STOP, 1, 0) | {"replay": True},
        incident_json(over(STOP, 90), 2, 0) | {"replay": True},
    ]


def test_what_came_and_went_between_two_clocks_is_told_as_history() -> None:
    publisher = Publisher()
    assert publisher.tell([over(STOP, 90), SILENCE], 99) == ["stop opened 1", "stop resolved 2", "silence opened 1"]
    assert [(each["status"], each["replay"]) for each in publisher.said] == [
        ("open", True),
        ("resolved", True),
        ("open", True),
    ]
    assert publisher.board.forgotten(clock(99)) == []


def test_after_a_crash_the_same_version_is_told_again_as_the_same_record() -> None:
    publisher = Publisher()
    publisher.tell([STOP], 40, crashes=True)
    publisher.tell([STOP], 40)
    first, second = publisher.said
    assert first == second
    assert publisher.tell([over(STOP, 90)], 90, crashes=True) == ["stop resolved 2"]
    assert publisher.tell([over(STOP, 90)], 95) == ["stop resolved 2"]
    assert publisher.said[2]["at"] == publisher.said[3]["at"]


def test_another_publisher_goes_on_with_the_versions_of_the_one_before() -> None:
    first, second = Publisher(), Publisher()
    first.tell([STOP], 40)
    for each in first.board.open():
        word = first.board.outputs(each, clock(40))[1]
        second.board.take(word.key or b"", word.value)
    assert second.tell([STOP], 41) == []
    assert second.tell([over(STOP, 90)], 90) == ["stop resolved 2"]


def test_one_that_turns_out_never_to_have_been_is_taken_back_and_may_come_again() -> None:
    publisher = Publisher()
    publisher.tell([STOP], 40)
    assert publisher.tell([], 45) == ["stop resolved 2"]
    assert (publisher.said[-1]["reason"], publisher.said[-1]["at"]) == ("late data", publisher.said[-1]["resolved_at"])
    assert publisher.tell([], 46) == []
    assert publisher.tell([STOP], 47) == ["stop changed 3"]
    assert publisher.board.counts() == {("node_stopped", "critical", "node", ""): 1}


def test_one_of_long_ago_is_neither_told_nor_taken_back_and_is_forgotten() -> None:
    publisher = Publisher()
    months = 24 * 70
    assert publisher.tell([over(STOP, 90)], 90 + months) == []
    publisher.tell([over(STOP, 90)], 90)
    assert publisher.tell([], 90 + 24 * 11) == [], "seen in outline only"
    [forgotten] = publisher.board.forgotten(clock(90 + months))
    assert forgotten.value is None
    assert publisher.board.take(forgotten.key or b"", None)
    assert publisher.board.forgotten(clock(90 + months)) == []


def test_children_are_counted_over_all_partitions() -> None:
    publisher = Publisher()
    publisher.tell([STOP, SILENCE], 60)
    for partition, counted in ((0, {"stop": 3, "silence": 0}), (7, {"stop": 4}), (0, {"stop": 2, "silence": 1})):
        output = children_output(partition, counted)
        assert publisher.board.take(output.key or b"", output.value)
    assert {each["id"]: each["children"] for each in publisher.board.records()} == {"stop": 6, "silence": 1}
    assert publisher.tell([over(STOP, 61), SILENCE], 61) == ["stop resolved 2"]
    assert publisher.said[-1]["children"] == 6
    assert [each["id"] for each in publisher.board.records()] == ["silence"]


def test_what_is_no_record_of_incidents_is_left_to_others() -> None:
    board = ToldIncidents()
    assert not board.take(b"carrier:ktz:0:20000", b"{}")
    assert board.open() == []
