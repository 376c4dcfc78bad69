"""What a search found."""

from collections.abc import Mapping, Sequence
from typing import Any

from tracker.web.markup import Shown, tag
from tracker.web.pages.frame import Reader, framed, moment
from tracker.web.pages.tables import link, section


def search_page(reader: Reader, found: Mapping[str, Any]) -> str:
    """The page of what `/v1/search` says."""
    say = reader.say
    rows: list[Sequence[Shown]] = [
        (
            link(f"/containers/{each['container']}", str(each["container"])),
            ", ".join(f"{say(f'field: {name}')} {value}" for name, value in each["matches"].items()),
            reader.name_of(each["node"]),
            moment(each["occurred_at"]),
        )
        for each in found["containers"]
    ]
    heads = ("Container", "Found in", "Last reported at", "Reported, UTC")
    shown = [section(say, "Containers found", heads, rows, texts=4)]
    if not rows:
        shown.append(tag("p", say("Nothing found for “{asked}”.", asked=reader.asked)))
    if found["partial"]:
        shown.append(tag("p", say("There is more than can be shown; write more of it."), class_="dim"))
    return framed(reader, say("Search"), shown, live=False)
