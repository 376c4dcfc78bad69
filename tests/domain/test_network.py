"""The packaged network is the one we were told to watch, and answers what the fold asks."""

import pytest

from tracker.contract.network_file import load_network
from tracker.domain.network import Direction, Network, great_circle_km

REGISTRY = """
CN-XIAN CN Asia/Shanghai origin 1435 CNXIA
CN-CHONGQING CN Asia/Shanghai origin 1435 CNCQI
CN-CHENGDU CN Asia/Shanghai origin 1435 CNCDU
CN-ZHENGZHOU CN Asia/Shanghai origin 1435 CNZGZ
CN-YIWU CN Asia/Shanghai origin 1435 CNYIU
CN-LYG CN Asia/Shanghai port 1435 CNLYG
CN-URUMQI CN Asia/Shanghai inland 1435 CNURM
CN-HORGOS CN Asia/Shanghai border 1435+1520 CNHRS
KZ-ALTYNKOL KZ Asia/Almaty border+gauge 1520+1435 KZHOR*
CN-ALASHANKOU CN Asia/Shanghai border 1435+1520
KZ-DOSTYK KZ Asia/Almaty border+gauge 1520+1435 KZDOS
KZ-AKTOGAY KZ Asia/Almaty waypoint 1520 KZAGY
KZ-ALMATY KZ Asia/Almaty inland 1520 KZALA
KZ-SHU KZ Asia/Almaty waypoint 1520
KZ-MOYYNTY KZ Asia/Almaty waypoint 1520
KZ-ZHEZKAZGAN KZ Asia/Almaty waypoint 1520 KZDZN
KZ-BEYNEU KZ Asia/Aqtau waypoint 1520
KZ-AKTAU KZ Asia/Aqtau port 1520 KZAAU
KZ-KURYK KZ Asia/Aqtau port 1520 KZKUR
KZ-BOLASHAK KZ Asia/Aqtau border 1520
KZ-SARYAGASH KZ Asia/Almaty border 1520 KZSRY
KZ-KANDYAGASH KZ Asia/Aqtobe waypoint 1520 KZKYH
KZ-ILETSK1 RU Asia/Yekaterinburg border 1520
UZ-KELES UZ Asia/Tashkent border 1520
UZ-CHUKURSAY UZ Asia/Tashkent inland 1520 UZCHU
UZ-TERMEZ UZ Asia/Tashkent border 1520 UZTER
TM-FARAP TM Asia/Ashgabat border 1520 TMFAR
TM-TURKMENBASHI TM Asia/Ashgabat port 1520 TMKRW
TM-SERHETYAKA TM Asia/Ashgabat border 1520
TM-AKYAYLA TM Asia/Ashgabat border 1520
TM-SERAHS TM Asia/Ashgabat border 1520 TMSRK
IR-INCHEHBORUN IR Asia/Tehran border+gauge 1435+1520
IR-SARAKHS IR Asia/Tehran border+gauge 1435+1520 IRCKT
IR-APRIN IR Asia/Tehran inland 1435 IRTHR*
IR-BANDARABBAS IR Asia/Tehran port 1435 IRBND
AZ-ALAT AZ Asia/Baku port 1520 AZALA
AZ-ABSHERON AZ Asia/Baku inland 1520 AZXIR
AZ-BOYUKKESIK AZ Asia/Baku border 1520
GE-GARDABANI GE Asia/Tbilisi border 1520 GEGAR
GE-TBILISI GE Asia/Tbilisi inland 1520 GETBS
GE-AKHALKALAKI GE Asia/Tbilisi gauge 1520+1435
GE-POTI GE Asia/Tbilisi port 1520 GEPTI
GE-BATUMI GE Asia/Tbilisi port 1520 GEBUS
TR-KARS TR Europe/Istanbul border 1435 TRKSY
TR-HALKALI TR Europe/Istanbul inland 1435 TRHAL
TR-MERSIN TR Europe/Istanbul port 1435 TRMER
TR-KAPIKULE TR Europe/Istanbul border 1435 TRKPU
RO-CONSTANTA RO Europe/Bucharest port 1435 ROCND
RU-ZABAIKALSK RU Asia/Chita border+gauge 1520+1435 RUZBK
CN-MANZHOULI CN Asia/Shanghai border 1435 CNMLX
CN-ERENHOT CN Asia/Shanghai border+gauge 1435+1520 CNERC CNRLC
MN-ZAMYNUUD MN Asia/Ulaanbaatar border 1520 MNZUU
RU-VORSINO RU Europe/Moscow inland 1520 RUVRS
BY-BREST BY Europe/Minsk border+gauge 1520+1435 BYBQT
PL-MALA PL Europe/Warsaw border+gauge 1435+1520 PLMAA
PL-LODZ PL Europe/Warsaw inland 1435 PLLOD
DE-DUISBURG DE Europe/Berlin inland 1435 DEDUI
DE-HAMBURG DE Europe/Berlin inland 1435 DEHAM
"""
"""Node, country, zone, kinds, gauges, UN/LOCODEs (* a neighbour's)."""

CORRIDORS = ("northern", "trans-siberian", "middle", "middle-btk", "southern", "central-asia", "instc-east")
HUBS = frozenset(("CN-XIAN", "CN-CHONGQING", "CN-CHENGDU", "CN-ZHENGZHOU", "CN-YIWU", "CN-LYG", "CN-URUMQI"))


@pytest.fixture(scope="module")
def network() -> Network:
    return load_network()


def comes_before(network: Network, a: str, b: str, direction: Direction = Direction.WESTBOUND) -> set[str]:
    """The corridors on which `a` comes before `b` in that direction."""
    mask = network.before.get((a, b), 0)
    return {course.corridor for course in network.courses if course.bit & mask and course.direction is direction}


@pytest.mark.parametrize("row", REGISTRY.split("\n")[1:-1])
def test_each_node_of_the_registry_is_in_the_network_as_listed(network: Network, row: str) -> None:
    name, country, zone, kinds, gauges, *codes = row.split(" ")
    node = network.nodes[name]
    assert (node.country, node.zone, node.kinds) == (country, zone, frozenset(kinds.split("+")))
    assert node.gauges == tuple(int(gauge) for gauge in gauges.split("+"))
    listed = {(code.code, code.nearest) for code in node.codes if code.scheme == "unlocode"}
    assert {(code.rstrip("*"), code.endswith("*")) for code in codes} <= listed


def test_the_network_has_no_node_beyond_the_registry(network: Network) -> None:
    assert set(network.nodes) == {row.split(" ")[0] for row in REGISTRY.split("\n")[1:-1]}


def test_horgos_keeps_beijing_time_though_it_lies_in_the_zone_of_urumqi(network: Network) -> None:
    assert network.nodes["CN-HORGOS"].zone == "Asia/Shanghai"


def test_the_seven_corridors_are_there_and_only_kars_has_a_parent(network: Network) -> None:
    assert tuple(network.corridors) == CORRIDORS
    assert {c.id: c.parent for c in network.corridors.values() if c.parent} == {"middle-btk": "middle"}


@pytest.mark.parametrize(
    ("corridor", "starts", "finishes"),
    [
        ("northern", HUBS, {"PL-LODZ", "DE-DUISBURG", "DE-HAMBURG"}),
        ("trans-siberian", HUBS, {"PL-LODZ", "DE-DUISBURG", "DE-HAMBURG", "RU-VORSINO"}),
        ("middle", HUBS, {"GE-POTI", "GE-BATUMI"}),
        ("middle-btk", HUBS, {"TR-HALKALI", "TR-MERSIN"}),
        ("southern", HUBS, {"IR-APRIN", "IR-BANDARABBAS"}),
        ("central-asia", HUBS, {"UZ-CHUKURSAY"}),
        ("instc-east", {"RU-VORSINO"}, {"IR-APRIN", "IR-BANDARABBAS"}),
    ],
)
def test_a_corridor_ends_where_it_should(network: Network, corridor: str, starts: set[str], finishes: set[str]) -> None:
    found = network.corridors[corridor]
    whole = found.sections[0]
    assert (set(found.starts), set(found.finishes)) == (starts, finishes)
    assert (whole.id, whole.start, whole.end) == ("whole", found.starts, found.finishes)


def test_only_the_corridor_from_russia_to_iran_runs_south(network: Network) -> None:
    southbound = {c.id for c in network.corridors.values() if c.forward is Direction.SOUTHBOUND}
    assert southbound == {"instc-east"}
    assert all(
        (c.forward, c.backward) == (Direction.WESTBOUND, Direction.EASTBOUND)
        for c in network.corridors.values()
        if c.id not in southbound
    )


def test_volume_is_counted_once_where_every_box_of_a_corridor_passes(network: Network) -> None:
    caspian = {"KZ-AKTAU--AZ-ALAT", "KZ-KURYK--AZ-ALAT", "TM-TURKMENBASHI--AZ-ALAT"}
    assert {c.id: set(c.counting) for c in network.corridors.values()} == {
        "northern": {"KZ-KANDYAGASH--KZ-ILETSK1"},
        "trans-siberian": {"CN-MANZHOULI--RU-ZABAIKALSK"},
        "middle": caspian,
        "middle-btk": caspian,
        "southern": {"KZ-BOLASHAK--TM-SERHETYAKA"},
        "central-asia": {"KZ-SARYAGASH--UZ-KELES"},
        "instc-east": {"KZ-BOLASHAK--TM-SERHETYAKA"},
    }


def test_crossings_are_the_legs_between_two_countries_border_stations(network: Network) -> None:
    assert {leg.id for leg in network.legs.values() if leg.crossing} == {
        "CN-HORGOS--KZ-ALTYNKOL",
        "CN-ALASHANKOU--KZ-DOSTYK",
        "CN-MANZHOULI--RU-ZABAIKALSK",
        "CN-ERENHOT--MN-ZAMYNUUD",
        "BY-BREST--PL-MALA",
        "AZ-BOYUKKESIK--GE-GARDABANI",
        "GE-AKHALKALAKI--TR-KARS",
        "KZ-BOLASHAK--TM-SERHETYAKA",
        "TM-AKYAYLA--IR-INCHEHBORUN",
        "KZ-SARYAGASH--UZ-KELES",
        "TM-SERAHS--IR-SARAKHS",
    }
    assert {leg.id for leg in network.legs.values() if leg.mode == "vessel"} == {
        "KZ-AKTAU--AZ-ALAT",
        "KZ-KURYK--AZ-ALAT",
        "TM-TURKMENBASHI--AZ-ALAT",
        "GE-POTI--RO-CONSTANTA",
        "GE-BATUMI--RO-CONSTANTA",
    }


def test_urumqi_lies_on_the_way_of_the_other_hubs(network: Network) -> None:
    assert comes_before(network, "CN-XIAN", "CN-URUMQI") == {
        "northern",
        "middle",
        "middle-btk",
        "southern",
        "central-asia",
    }
    assert network.path("middle", "CN-URUMQI", "KZ-ALTYNKOL") == ("CN-HORGOS", "KZ-ALTYNKOL")


def test_eastbound_is_the_same_order_read_backwards(network: Network) -> None:
    westbound = comes_before(network, "CN-HORGOS", "KZ-ALTYNKOL")
    assert westbound == {"northern", "middle", "middle-btk", "southern", "central-asia"}
    assert comes_before(network, "KZ-ALTYNKOL", "CN-HORGOS", Direction.EASTBOUND) == westbound
    assert comes_before(network, "KZ-ALTYNKOL", "CN-HORGOS") == set()


def test_variants_have_no_order_between_them(network: Network) -> None:
    assert comes_before(network, "KZ-AKTAU", "KZ-KURYK") == set()
    assert comes_before(network, "KZ-KURYK", "KZ-AKTAU") == set()
    assert comes_before(network, "KZ-KURYK", "AZ-ALAT") == {"middle", "middle-btk"}


def test_a_leg_is_travelled_against_its_id_where_a_corridor_says_so(network: Network) -> None:
    assert comes_before(network, "KZ-KANDYAGASH", "KZ-ILETSK1") == {"northern"}
    assert comes_before(network, "KZ-ILETSK1", "KZ-KANDYAGASH", Direction.SOUTHBOUND) == {"instc-east"}
    assert comes_before(network, "RU-VORSINO", "IR-BANDARABBAS", Direction.SOUTHBOUND) == {"instc-east"}
    assert comes_before(network, "IR-BANDARABBAS", "RU-VORSINO", Direction.NORTHBOUND) == {"instc-east"}


def test_these_nodes_tell_one_corridor_from_all_others(network: Network) -> None:
    def members(node: str) -> set[str]:
        return {course.corridor for course in network.courses if network.member[node] & course.bit}

    assert members("UZ-CHUKURSAY") == {"central-asia"}
    assert members("RU-ZABAIKALSK") == {"trans-siberian"}
    assert members("GE-POTI") == {"middle"}
    assert members("TR-KARS") == {"middle-btk"}
    assert members("KZ-AKTAU") == {"middle", "middle-btk"}
    assert members("IR-APRIN") == {"southern", "instc-east"}


def test_both_kazakh_border_stations_are_variants_of_the_same_corridors(network: Network) -> None:
    assert network.member["KZ-ALTYNKOL"] == network.member["KZ-DOSTYK"]


def test_no_node_comes_before_itself(network: Network) -> None:
    assert not [a for a, b in network.before if a == b]


def test_every_start_leads_to_every_finish(network: Network) -> None:
    for corridor in network.corridors.values():
        for start in corridor.starts:
            for finish in corridor.finishes:
                assert corridor.id in comes_before(network, start, finish, corridor.forward)


def test_the_great_circle_across_the_caspian_is_429_km(network: Network) -> None:
    assert round(great_circle_km(network.nodes["KZ-AKTAU"], network.nodes["AZ-ALAT"])) == 429


def test_every_node_is_named_in_latin_russian_and_chinese(network: Network) -> None:
    for node in network.nodes.values():
        names = (node.name, *node.names)
        assert any("\u0410" <= name[0] <= "\u04ff" for name in names), node.id
        assert any("\u4e00" <= name[0] <= "\u9fff" for name in names), node.id
