"""Acknowledgements on a real Kafka: entered with one worker, known to all, and still there after a restart."""

import pytest

from tests.broker.kafka import Kafka
from tracker.contract.acknowledgements import Acknowledgement
from tracker.contract.disruptions import NotReached
from tracker.contract.network_file import load_network
from tracker.domain.moment import Millis
from tracker.settings import Settings
from tracker.streams.acknowledged import Acknowledged, AcknowledgementBook
from tracker.streams.board import Board, BoardReader
from tracker.streams.topics import create_or_check, plan

pytestmark = pytest.mark.broker

SAID = Acknowledgement("dwell-002daa6d9d0208a0", 3, Millis(1_700_000_000_000), "Айгерим", "вагоны в шесть")


async def test_what_one_worker_is_told_all_know_until_it_is_taken_back(kafka: Kafka) -> None:
    settings = Settings(brokers=kafka.bootstrap)
    await create_or_check(kafka.bootstrap, plan(settings, []))
    boards = [Board(load_network()) for _ in range(2)]
    readers = [BoardReader(board, kafka.bootstrap) for board in boards]
    told = Acknowledged()
    book = AcknowledgementBook(settings, told)
    try:
        for said in (SAID, SAID._replace(by="Bolat", note=None)):
            await book.enter(said)
            assert book.of(said.exception) == said, "at once where it was entered"
            for board, reader in zip(boards, readers, strict=True):
                await reader.refresh()
                assert board.acknowledged.of(said.exception) == said
        restarted = Board(load_network())
        readers.append(BoardReader(restarted, kafka.bootstrap))
        await readers[-1].refresh()
        assert restarted.acknowledged.of(SAID.exception) == SAID._replace(by="Bolat", note=None)
        await book.take_back(SAID.exception)
        await readers[1].refresh()
        assert [book.of(SAID.exception), boards[1].acknowledged.of(SAID.exception)] == [None, None]
    finally:
        for reader in readers:
            await reader.stop()


async def test_what_no_broker_has_taken_is_not_held(kafka: Kafka) -> None:
    told = Acknowledged()
    book = AcknowledgementBook(Settings(brokers="127.0.0.1:1"), told)
    with pytest.raises(NotReached):
        await book.enter(SAID)
    assert told.of(SAID.exception) is None
