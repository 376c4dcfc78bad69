"""A survey of open journeys: who is where, listed in order, and what only carriers can tell."""

from collections.abc import Iterable

from tracker.domain.claim import Claim
from tracker.domain.moment import Millis
from tracker.domain.network import Direction
from tracker.streams.survey import Survey, place_of
from tracker.streams.whereabouts import Doubt, Known, Open, Wanted

WEST = Direction.WESTBOUND
PORT = Open("middle", WEST, "KZ-AKTAU", "on_time")
SEA = Open("middle", WEST, None, "late", "KZ-AKTAU")
WATERMARKS = {"ktz": 50, "adyc": 90}


def watermark(carriers: Iterable[str]) -> Millis:
    return Millis(max((WATERMARKS[each] for each in carriers), default=0))


def known(place: Open, since: int, last: int = 100, doubt: Doubt | None = None) -> Known:
    return Known(place, Millis(last), Millis(since), doubt)


VIEWS: list[dict[bytes, Known]] = [
    {b"AAAU0000001": known(PORT, 30), b"AAAU0000003": known(SEA, 20)},
    {b"AAAU0000002": known(PORT, 10), b"AAAU0000004": known(PORT, 10, last=4)},
]


def survey(views: list[dict[bytes, Known]] = VIEWS) -> Survey:
    return Survey(views, Millis(5), watermark)


def test_what_nobody_has_reported_for_so_long_is_in_no_figure() -> None:
    found = survey()
    assert dict(found.open_states()) == {("middle", WEST, "on_time"): 2, ("middle", WEST, "late"): 1}
    assert {place: sorted(sinces) for place, sinces in found.stays().items()} == {("KZ-AKTAU", WEST): [10, 30]}
    assert dict(found.under_way()) == {("middle", WEST, "KZ-AKTAU"): 1}
    assert [(way, sorted(sinces)) for way, sinces in found.stays_at("KZ-AKTAU")] == [(WEST, [10, 30])]


def test_a_list_goes_on_after_a_place_in_the_order_that_was_asked_for() -> None:
    found, all_ = survey(), Wanted()
    assert found.listing(all_, "", 2) == (["AAAU0000001", "AAAU0000002"], 3)
    assert found.listing(all_, "AAAU0000002", 2) == (["AAAU0000003"], 3)
    assert found.listing(all_, "", 2, oldest=True) == (["AAAU0000002", "AAAU0000003"], 3)
    after = place_of(Millis(20), b"AAAU0000003")
    assert found.listing(all_, after, 2, oldest=True) == (["AAAU0000001"], 3)
    assert found.listing(Wanted(node="KZ-AKTAU", state="on_time"), "", 9) == (["AAAU0000001", "AAAU0000002"], 2)
    assert found.listing(Wanted(corridor="northern"), "", 9) == ([], 0)


def test_a_state_in_doubt_is_what_the_watermark_of_its_carriers_lets_be_known() -> None:
    claims = (Claim(Millis(80), "late"), Claim(Millis(40), "at_risk"))
    views = [
        {
            b"AAAU0000001": known(PORT, 1, doubt=Doubt(claims, ("ktz",))),
            b"AAAU0000002": known(PORT, 2, doubt=Doubt(claims, ("adyc", "ktz"))),
            b"AAAU0000003": known(PORT, 3, doubt=Doubt((), ("ktz",))),
            b"AAAU0000004": known(PORT, 4),
        }
    ]
    found = survey(views)
    states = ("at_risk", "late", "unknown", "on_time")
    assert [found.listing(Wanted(state=state), "", 9)[0] for state in states] == [
        [f"AAAU000000{n}"] for n in range(1, 5)
    ]


def test_what_leads_somewhere_is_given_oldest_first_and_the_rest_counted() -> None:
    keys, count = survey().bound(lambda place: place.standing == "KZ-AKTAU", 1)
    assert (keys, count) == ([b"AAAU0000002"], 2)
