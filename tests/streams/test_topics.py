"""The plan of topics."""

from tracker.domain.moment import DAY
from tracker.settings import Settings
from tracker.streams.topics import COMPACTION_LAG, plan

SPECS = {spec.name: spec for spec in plan(Settings(partitions=6, app_id="t"), ["ktz", "azr"])}


def test_every_topic_of_the_contract_is_planned() -> None:
    assert sorted(SPECS) == [
        "carrier.azr.events", "carrier.azr.feedback", "carrier.ktz.events", "carrier.ktz.feedback",
        "rail.acknowledgements", "rail.baselines", "rail.corrections", "rail.disruptions", "rail.exceptions",
        "rail.expected", "rail.facts", "rail.movements",
        "rail.notifications", "rail.rejected", "rail.situation", "rail.transports", "rail.untold",
        "t-intake-changelog", "t-journeys-changelog", "t-subjects-changelog",
        "t-transports-changelog",
    ]  # fmt: skip


def test_sources_and_changelogs_have_the_same_partitions() -> None:
    spread = ["carrier.ktz.events", "rail.movements", "rail.facts", "t-intake-changelog", "t-journeys-changelog"]
    assert {SPECS[name].partitions for name in spread} == {6}


def test_what_every_worker_reads_whole_has_one_partition() -> None:
    assert {SPECS[name].partitions for name in ("rail.situation", "rail.baselines", "carrier.ktz.feedback")} == {1}


def test_a_carrier_cannot_date_its_reports_into_the_future() -> None:
    config = SPECS["carrier.ktz.events"].config
    assert (config["message.timestamp.type"], config["message.timestamp.after.max.ms"]) == ("CreateTime", "900000")


def test_a_workers_clock_that_is_hours_off_stops_nothing_and_makes_no_row_old_enough_to_be_compacted() -> None:
    ours = [spec for spec in SPECS.values() if not spec.name.endswith((".events", "-changelog"))]
    assert ours
    assert {int(spec.config["message.timestamp.after.max.ms"]) for spec in ours} == {DAY}
    changelogs = [spec for spec in SPECS.values() if spec.name.endswith("-changelog")]
    assert {spec.config["message.timestamp.type"] for spec in changelogs} == {"LogAppendTime"}


def test_a_carriers_compression_does_not_reach_the_workers() -> None:
    # A worker has no codec but gzip, and a compressed batch may unpack to any size.
    assert SPECS["carrier.ktz.events"].config["compression.type"] == "uncompressed"


def test_changelogs_keep_old_rows_for_the_rule_of_restore() -> None:
    config = SPECS["t-journeys-changelog"].config
    assert (config["cleanup.policy"], config["min.compaction.lag.ms"]) == ("compact", str(COMPACTION_LAG))


def test_a_rejected_record_of_a_mebibyte_fits() -> None:
    assert int(SPECS["rail.rejected"].config["max.message.bytes"]) > 1.4 * 2**20


def test_changelogs_are_only_of_the_stages_that_run() -> None:
    names = {spec.name for spec in plan(Settings(app_id="t"), [], ["intake"])}
    assert "t-intake-changelog" in names
    assert "t-journeys-changelog" not in names


def test_reports_are_kept_as_long_as_asked() -> None:
    # Kafka deletes by the records' own times: simulated reports would be gone before they are read.
    specs = {spec.name: spec for spec in plan(Settings(app_id="t", retention_days=0), ["ktz"])}
    kept = ("carrier.ktz.events", "rail.movements", "rail.facts", "rail.rejected")
    assert {specs[name].config["retention.ms"] for name in kept} == {"-1"}
