"""A desk: what goes when, what is tried again, what is gathered, and what a crash leaves."""

import asyncio
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.notify.places import FAILED, TOLD, Notes, Room, Script
from tests.notify.records import NOON, over, record
from tracker.contract.endpoints import Endpoint, Mail, Quiet, Webhook
from tracker.domain.moment import HOUR, MINUTE, Millis
from tracker.notify.delivery import Answer
from tracker.notify.webhook import body_of

HOOK = Webhook("http://127.0.0.1:9/", b"sixteen-or-longer")
MAIL = Mail("127.0.0.1", "rail@ops.example", ("desk@ops.example",), every=1800)


def room(*answers: Answer, notes: Notes | None = None, target: Webhook | Mail = HOOK, **fields: Any) -> Room:
    return Room(Endpoint("ops", target, retry=(60, 60), **fields), Script(*answers), notes)


def ids(*numbers: int) -> list[str]:
    return [record(number)["id"] for number in numbers]


async def test_a_version_goes_when_it_has_stood_for_a_minute_and_not_again() -> None:
    ops = room()
    await ops.take(record())
    assert [len(await ops.at(minutes)) for minutes in (0, 0.99, 1, 2, 600)] == [0, 0, 1, 0, 0]
    assert ops.script.told() == [("one", [(record()["id"], 1)])]
    assert ops.heard.words == [("told", "ops", 1, "one")]


async def test_nothing_goes_before_its_partition_is_read_to_its_end() -> None:
    ops = room()
    ops.released = lambda partition, due: False
    await ops.take(record())
    assert await ops.at(5) == []
    ops.released = lambda partition, due: True
    assert len(await ops.at(6)) == 1


async def test_a_try_that_failed_is_made_again_with_the_same_id_and_bytes() -> None:
    ops = room(FAILED, FAILED, TOLD)
    await ops.take(record())
    for minute in range(1, 6):
        await ops.at(minute)
    first, *others = ops.script.sent
    assert len(others) == 2
    assert {body_of(each) for each in others} == {body_of(first)}
    assert ops.heard.words == [("failed", "ops"), ("failed", "ops"), ("told", "ops", 1, "one")]


async def test_versions_wait_for_the_one_before_and_never_go_side_by_side() -> None:
    ops = room(FAILED, TOLD)
    ops.script.gate = asyncio.Event()
    await ops.take(record(), record(version=2, minutes=10), over(version=3, minutes=20))
    ops.clock = Millis(NOON + HOUR)
    for _ in range(5):
        await ops.desk.begin_what_is_due()
        await asyncio.sleep(0)
    assert [each.versions[0].said.version for each in ops.script.sent] == [1]
    ops.script.gate.set()
    await ops.desk.settle()
    for minute in range(61, 70):
        await ops.at(minute)
    assert [each.versions[0].said.version for each in ops.script.sent] == [1, 1, 2, 3]
    assert ops.script.most == 1


async def test_an_answer_is_written_down_before_the_next_version_goes() -> None:
    ops = room()
    await ops.take(record(), over())
    await ops.at(40)
    [account] = ops.notes.read()
    assert (account.told, account.owed, account.standing) == (2, [], None)


async def test_what_could_not_be_told_for_a_day_is_a_dead_letter_and_what_follows_goes() -> None:
    ops = room(FAILED, give_up=24)
    await ops.take(record())
    for minute in range(1, 24 * 60 + 1, 5):
        await ops.at(minute)
    assert ops.notes.dead == []
    tries = len(ops.script.sent)
    assert tries > 200
    await ops.at(24 * 60 + 3)
    assert ops.notes.dead == [(record()["id"], 1, "503")]
    ops.script.answers = [TOLD]
    await ops.take(record(2, minutes=24 * 60 + 3))
    await ops.at(24 * 60 + 5)
    assert ops.script.told()[-1] == ("one", [(record(2)["id"], 1)])
    assert ("given up", "ops", 1) in ops.heard.words


async def test_an_endpoint_that_is_gone_is_not_tried_again() -> None:
    ops = room(Answer(False, "410", is_final=True))
    await ops.take(record())
    await ops.at(1)
    await ops.at(600)
    assert (len(ops.script.sent), len(ops.notes.dead)) == (1, 1)


async def test_an_endpoint_that_asks_to_be_left_alone_is() -> None:
    ops = room(Answer(False, "429", after=600), TOLD)
    await ops.take(record())
    assert [len(await ops.at(minutes)) for minutes in (1, 10.9, 11)] == [1, 0, 1]


async def test_what_is_more_than_the_limit_goes_as_one_summary_when_the_hour_allows() -> None:
    ops = room(per_hour=3)
    await ops.take(*(record(number) for number in range(1, 11)))
    assert [each.because for each in await ops.at(1)] == ["one"] * 3
    assert await ops.at(60.9) == []
    [summary] = await ops.at(61)
    assert summary.because == "limit"
    told = [version for _, versions in ops.script.told() for version in versions]
    assert sorted(told) == sorted((each, 1) for each in ids(*range(1, 11)))
    assert await ops.at(200) == []


async def test_a_try_again_is_no_new_message_for_the_limit() -> None:
    ops = room(FAILED, TOLD, per_hour=1)
    await ops.take(record())
    await ops.at(1)
    [again] = await ops.at(3)
    assert (again.because, ops.heard.words[-1][0]) == ("one", "told")


async def test_after_quiet_hours_what_was_held_goes_as_one_summary() -> None:
    # Noon in UTC is 17 o'clock in Almaty.
    ops = room(quiet=Quiet(time(17), time(18), ZoneInfo("Asia/Almaty")))
    await ops.take(record(1), record(2), over(1, minutes=20))
    assert await ops.at(59) == []
    [summary] = await ops.at(60)
    first, second = ids(1, 2)
    told = [(each.said.id, each.said.version) for each in summary.versions]
    assert (summary.because, told) == ("quiet", sorted([(first, 1), (first, 2), (second, 1)]))
    await ops.take(record(3, minutes=61))
    assert [each.because for each in await ops.at(62)] == ["one"]


async def test_one_alone_after_quiet_hours_goes_as_it_is() -> None:
    ops = room(quiet=Quiet(time(17), time(18), ZoneInfo("Asia/Almaty")))
    await ops.take(record())
    await ops.at(30)
    assert [each.because for each in await ops.at(60)] == ["one"]


async def test_mail_goes_in_digests_on_the_grid_of_its_period() -> None:
    desk = room(target=MAIL)
    await desk.take(record(1, minutes=1))
    assert len(await desk.at(2)) == 1  # the first at once
    await desk.take(record(2, minutes=3), record(3, minutes=20), over(1, minutes=21))
    assert await desk.at(29.9) == []
    [digest] = await desk.at(30)
    assert digest.because == "digest"
    assert sorted((v.said.id, v.said.version) for v in digest.versions) == sorted(
        zip(ids(1, 2, 3), (2, 1, 1), strict=True)
    )
    assert await desk.at(60) == []


@pytest.mark.parametrize("target", [HOOK, MAIL])
async def test_what_was_gathered_is_after_a_crash_sent_again_as_it_was(target: Webhook | Mail) -> None:
    fields: dict[str, Any] = {"per_hour": 1} if target is HOOK else {}
    before = room(FAILED, target=target, **fields)
    if target is HOOK:
        before.script.answers = [TOLD, FAILED]
    await before.take(*(record(number) for number in range(1, 6)))
    await before.at(1)
    sent = await before.at(61) or before.script.sent
    after = room(target=target, notes=before.notes, **fields)
    after.clock = Millis(NOON + 62 * MINUTE)
    after.desk.restore(before.notes.read())
    await after.take(record(9, minutes=61))
    again = (await after.at(62.5))[0]
    assert (again.id, body_of(again)) == (sent[-1].id, body_of(sent[-1]))
    assert all(not account.owed or account.exception == record(9)["id"] for account in after.notes.read())


async def test_a_single_message_that_is_in_doubt_is_never_made_part_of_a_summary() -> None:
    before = room(per_hour=2)
    before.script.gate = asyncio.Event()  # never answered: the crash comes first
    await before.take(record(1))
    before.clock = Millis(NOON + MINUTE)
    await before.desk.begin_what_is_due()
    for _ in range(5):
        await asyncio.sleep(0)
    assert len(before.script.sent) == 1
    after = room(notes=before.notes, per_hour=2)
    after.desk.restore(before.notes.read())
    after.desk._held = "limit"
    await after.take(record(2), record(3))
    await after.at(5)
    assert [each for each in after.script.sent if each.id == before.script.sent[0].id]
    assert all((record(1)["id"], 1) not in versions for because, versions in after.script.told() if because != "one")
    before.script.gate.set()
    await before.desk.settle()


async def test_what_was_told_in_the_last_hour_counts_after_a_restart() -> None:
    before = room(per_hour=2)
    await before.take(record(1), record(2))
    await before.at(1)
    after = room(notes=before.notes, per_hour=2)
    after.clock = Millis(NOON + 2 * MINUTE)
    after.desk.restore(before.notes.read())
    await after.take(record(3, minutes=1))
    assert await after.at(30) == []
    assert len(await after.at(61)) == 1


async def test_a_partition_that_is_given_up_is_no_longer_told_of() -> None:
    ops = room(FAILED)
    await ops.take(record())
    await ops.at(1)
    await ops.desk.drop(0)
    assert [len(await ops.at(minute)) for minute in (10, 100)] == [0, 0]
    assert ops.desk.book.pending() == (0, None)


@pytest.mark.parametrize("target", [HOOK, MAIL])
async def test_what_was_tried_is_not_tried_again_while_its_partition_is_not_ours(target: Webhook | Mail) -> None:
    ops = room(FAILED, TOLD, target=target)
    await ops.take(record())
    assert len(await ops.at(1)) == 1
    ops.released = lambda partition, due: False
    assert [len(await ops.at(minutes)) for minutes in (10, 60)] == [0, 0]
    ops.released = lambda partition, due: True
    assert len(await ops.at(61)) == 1
    assert ops.heard.words[-1][0] == "told"


async def test_a_failing_endpoint_is_asked_one_at_a_time() -> None:
    ops = room(FAILED)
    await ops.take(*(record(number) for number in range(1, 30)))
    await ops.at(1)
    ops.script.gate = asyncio.Event()
    ops.clock = Millis(NOON + 10 * MINUTE)
    sent = len(ops.script.sent)
    await ops.desk.begin_what_is_due()
    await asyncio.sleep(0)
    assert len(ops.script.sent) - sent == 1
    ops.script.gate.set()
    await ops.desk.settle()
