"""The packaged network's hours and kilometres sum to those published, and give the usual ways."""

from itertools import pairwise

import pytest

from tracker.contract.network_file import load_network
from tracker.domain.network import Hours, Network

HUBS = ("CN-XIAN", "CN-CHONGQING", "CN-CHENGDU", "CN-ZHENGZHOU", "CN-YIWU", "CN-LYG", "CN-URUMQI")


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network()


def running(network: Network, corridor: str, a: str, b: str) -> float:
    """Planned hours in motion on the usual way, stays left out."""
    way = network.path(corridor, a, b)
    assert way is not None
    stops = (a, *way)
    return sum(network.between[pair].hours.planned for pair in pairwise(stops))


def stay(network: Network, node: str, corridor: str) -> float:
    """Planned hours of a stay on a corridor."""
    hours = network.corridors[corridor].stays.get(node, network.nodes[node].stay)
    assert hours is not None
    return hours.planned


def test_the_timetable_of_nine_days_from_altynkol_to_absheron_holds(network: Network) -> None:
    days = (
        stay(network, "KZ-ALTYNKOL", "middle")
        + running(network, "middle", "KZ-ALTYNKOL", "KZ-AKTAU")
        + stay(network, "KZ-AKTAU", "middle")
        + running(network, "middle", "KZ-AKTAU", "AZ-ALAT")
        + running(network, "middle", "AZ-ALAT", "AZ-ABSHERON")
    )
    assert days == 48 + 84 + 60 + 20 + 4 == 216


@pytest.mark.parametrize("port", ["GE-POTI", "GE-BATUMI"])
def test_the_timetable_of_twelve_days_from_altynkol_to_the_black_sea_holds(network: Network, port: str) -> None:
    stays = ("KZ-ALTYNKOL", "KZ-AKTAU", "AZ-ALAT", "GE-GARDABANI")
    hours = running(network, "middle", "KZ-ALTYNKOL", port) + sum(stay(network, node, "middle") for node in stays)
    assert hours == 48 + 84 + 60 + 20 + 30 + 16 + 1 + 12 + 14 == 285


def test_the_railways_agreed_108_hours_from_alat_to_mersin_hold(network: Network) -> None:
    """They count the stop at the gauge change and not the one at Kars; Gardabani is within Alat - Akhalkalaki."""
    first = running(network, "middle-btk", "AZ-ALAT", "GE-AKHALKALAKI") + stay(network, "GE-GARDABANI", "middle-btk")
    rest = running(network, "middle-btk", "GE-AKHALKALAKI", "TR-MERSIN") + stay(network, "GE-AKHALKALAKI", "middle-btk")
    assert (first, rest, first + rest) == (30, 14 + 4 + 60, 108)


@pytest.mark.parametrize(
    ("corridor", "a", "b", "hours", "km"),
    [
        ("northern", "CN-XIAN", "CN-HORGOS", 72, 3400),
        ("northern", "KZ-ALTYNKOL", "BY-BREST", 118, 5400),
        ("northern", "KZ-DOSTYK", "BY-BREST", 118, 5400),
        ("northern", "PL-MALA", "DE-DUISBURG", 54, 1200),
        ("trans-siberian", "RU-ZABAIKALSK", "BY-BREST", 168, 7700),
        ("middle", "KZ-ALTYNKOL", "KZ-AKTAU", 84, 3100),
        ("middle", "KZ-DOSTYK", "KZ-AKTAU", 83, 836 + 601 + 988 + 404 + 20),
        ("middle", "GE-POTI", "RO-CONSTANTA", 56, 1110),
        ("middle-btk", "TR-KARS", "TR-HALKALI", 70, 1950),
        ("southern", "KZ-ALTYNKOL", "KZ-BOLASHAK", 90, 3300),
        ("southern", "TM-SERHETYAKA", "TM-AKYAYLA", 30, 700),
        ("southern", "IR-INCHEHBORUN", "IR-APRIN", 30, 700),
        ("central-asia", "KZ-ALTYNKOL", "KZ-SARYAGASH", 40, 1150),
        ("central-asia", "UZ-KELES", "UZ-CHUKURSAY", 3, 15),
    ],
)
def test_split_legs_sum_to_the_published_ones(
    network: Network, corridor: str, a: str, b: str, hours: float, km: float
) -> None:
    assert (running(network, corridor, a, b), network.km(a, b, corridor)) == (hours, km)


@pytest.mark.parametrize(
    ("corridor", "exit_side", "entry_side", "hours"),
    [
        ("southern", "KZ-BOLASHAK", "TM-SERHETYAKA", 18),
        ("southern", "TM-AKYAYLA", "IR-INCHEHBORUN", 48),
        ("central-asia", "KZ-SARYAGASH", "UZ-KELES", 24),
    ],
)
def test_a_border_planned_as_one_stop_is_shared_out_between_its_two_sides(
    network: Network, corridor: str, exit_side: str, entry_side: str, hours: float
) -> None:
    hop = running(network, corridor, exit_side, entry_side)
    assert stay(network, exit_side, corridor) + hop + stay(network, entry_side, corridor) == hours


def test_block_trains_of_the_northern_corridor_stay_shorter_at_the_border(network: Network) -> None:
    assert network.nodes["KZ-ALTYNKOL"].stay == Hours(48, 120)
    assert network.corridors["northern"].stays["KZ-ALTYNKOL"] == Hours(36, 120)


@pytest.mark.parametrize("hub", HUBS)
@pytest.mark.parametrize(
    ("corridor", "end"),
    [("middle", "KZ-AKTAU"), ("northern", "DE-DUISBURG"), ("southern", "IR-APRIN"), ("central-asia", "UZ-CHUKURSAY")],
)
def test_the_usual_way_west_is_by_horgos(network: Network, hub: str, corridor: str, end: str) -> None:
    for searched in (corridor, None):
        way = network.path(searched, hub, end)
        assert way is not None
        assert way[:2] == ("CN-HORGOS", "KZ-ALTYNKOL")


@pytest.mark.parametrize(
    ("corridor", "end", "way"),
    [
        (
            "middle",
            "GE-POTI",
            "CN-HORGOS KZ-ALTYNKOL KZ-ALMATY KZ-SHU KZ-MOYYNTY KZ-ZHEZKAZGAN KZ-BEYNEU KZ-AKTAU AZ-ALAT AZ-BOYUKKESIK"
            " GE-GARDABANI GE-TBILISI GE-POTI",
        ),
        (
            "northern",
            "DE-DUISBURG",
            "CN-HORGOS KZ-ALTYNKOL KZ-ALMATY KZ-SHU KZ-KANDYAGASH KZ-ILETSK1 BY-BREST PL-MALA DE-DUISBURG",
        ),
        ("trans-siberian", "DE-HAMBURG", "CN-MANZHOULI RU-ZABAIKALSK BY-BREST PL-MALA DE-HAMBURG"),
        ("trans-siberian", "RU-VORSINO", "CN-MANZHOULI RU-ZABAIKALSK RU-VORSINO"),
        (
            "southern",
            "IR-BANDARABBAS",
            "CN-HORGOS KZ-ALTYNKOL KZ-ALMATY KZ-SHU KZ-MOYYNTY KZ-ZHEZKAZGAN KZ-BEYNEU KZ-BOLASHAK TM-SERHETYAKA"
            " TM-AKYAYLA IR-INCHEHBORUN IR-BANDARABBAS",
        ),
    ],
)
def test_the_usual_way_passes_these(network: Network, corridor: str, end: str, way: str) -> None:
    assert network.path(corridor, "CN-XIAN", end) == tuple(way.split())


def test_no_usual_way_leads_off_a_corridor(network: Network) -> None:
    assert network.path("northern", "CN-XIAN", "GE-POTI") is None
    assert network.km("CN-XIAN", "GE-POTI", "northern") is None
