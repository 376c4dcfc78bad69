"""What stands around every page: head, navigation, search, the state of the worker, languages."""

from collections.abc import Sequence
from typing import Final, NamedTuple
from urllib.parse import urlencode

from tracker.domain.network import Network, Node
from tracker.web.markup import Html, Shown, joined, tag
from tracker.web.pages.words import LANGUAGES, NAMES, Words

WITHOUT_SCRIPT_SECONDS: Final = 20
"""How often a browser without script asks again."""

NAVIGATION: Final = (
    ("/", "Overview"),
    ("/exceptions?severity=critical", "Exceptions"),
    ("/nodes", "Nodes"),
    ("/corridors", "Corridors"),
    ("/carriers", "Carriers"),
)


class Reader(NamedTuple):
    """Who reads: in which words, at which path; and what is to be said about the answer as a whole.

    `unready` are the reasons why the worker should not be asked yet, `missing` counts other workers that did not
    answer, `until` is the clock of the figures.
    """

    say: Words
    path: str
    network: Network
    unready: Sequence[str] = ()
    missing: int = 0
    until: str = ""
    asked: str = ""

    def name_of(self, node: str | None) -> str:
        """A node's name in the reader's script, where the network has one."""
        found = self.network.nodes.get(node or "")
        return node or "" if found is None else name_in(found, self.say.language)


def framed(reader: Reader, title: str, content: Sequence[Html], *, live: bool = True) -> str:
    """The whole page."""
    say = reader.say
    refresh = f'<noscript><meta http-equiv="refresh" content="{WITHOUT_SCRIPT_SECONDS}"></noscript>' if live else ""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{refresh}<title>{tag('i', title).text[3:-4]} · {tag('i', say('Rail containers')).text[3:-4]}</title>"
        '<link rel="icon" href="/icon.svg" type="image/svg+xml"><link rel="stylesheet" href="/style.css">'
        '<script src="/script.js" defer></script>'
    )
    main = tag("main", tag("h1", title), *content, id="main", tabindex="-1", **({"data-live": "1"} if live else {}))
    parts = [tag("a", say("Skip to content"), href="#main", class_="skip"), _header(reader), main, _footer(reader)]
    body = joined(parts).text
    return f'<!doctype html>\n<html lang="{say.language}"><head>{head}</head><body>\n{body}\n</body></html>\n'


def name_in(node: Node, language: str) -> str:
    """A node's name in the script of a language: its own in Latin, else the first of its names in that script."""
    if language == "en":
        return node.name
    low, high = ("\u0400", "\u04ff") if language == "ru" else ("\u4e00", "\u9fff")
    return next((name for name in node.names if low <= name[0] <= high), node.name)


def named_facts(reader: Reader, facts: Sequence[tuple[str, Shown]]) -> Html:
    """What is known of one thing, each with its name."""
    pairs = (tag("div", tag("dt", reader.say(name)), tag("dd", shown)) for name, shown in facts)
    return tag("dl", *pairs, class_="facts")


def moment(text: str | None) -> Html:
    """A time as people read it, UTC, with the machine's form beside it."""
    if not text:
        return Html("–")
    return tag("time", text.replace("T", " ").replace("Z", "")[:16], datetime=text)


def _header(reader: Reader) -> Html:
    say = reader.say
    here = "/" + reader.path.split("/")[1]
    links: list[Shown] = [
        tag("a", say(words), href=path, **({"aria-current": "page"} if path.partition("?")[0] == here else {}))
        for path, words in NAVIGATION
    ]
    search = tag(
        "form",
        tag("label", say("Search"), for_="q", class_="unseen"),
        tag(
            "input",
            **{"id": "q", "name": "q", "type": "search", "maxlength": "60", "value": reader.asked},
            placeholder=say("Container, train, wagon, vessel, booking"),
        ),
        tag("button", say("Search")),
        action="/search",
        method="get",
        role="search",
    )  # fmt: skip
    return tag(
        "header",
        tag("a", say("Rail containers"), href="/", class_="brand"),
        tag("nav", *links, aria_label=say("Pages")),
        search,
        _state(reader),
    )


def _state(reader: Reader) -> Html:
    say = reader.say
    if reader.unready:
        more = f" (+{len(reader.unready) - 1})" if len(reader.unready) > 1 else ""
        shown = tag("span", f"{reader.unready[0]}{more}", class_="unready")
    elif reader.missing:
        words = say("partial: {count} of the other workers did not answer", count=reader.missing)
        shown = tag("span", words, class_="unready")
    else:
        shown = tag("span", say("ready"), class_="ready")
    until = [tag("span", say("until"), " ", moment(reader.until), " UTC")] if reader.until else []
    return tag("p", *until, " ", shown, id="state", role="status")


def _footer(reader: Reader) -> Html:
    say = reader.say
    query = {"q": reader.asked} if reader.asked else {}
    languages: list[Shown] = [
        tag("a", NAMES[each], href="?" + urlencode({**query, "lang": each}), lang=each, hreflang=each)
        for each in LANGUAGES
        if each != say.language
    ]
    links = (("/v1/openapi.json", "API"), ("/metrics", "metrics"), ("/readyz", "readyz"))
    return tag(
        "footer",
        tag("p", say("Volume is counted at each corridor's counting line, times by the hour a transit or stay ended.")),
        tag("p", *(part for path, words in links for part in (tag("a", words, href=path), " ")), *_spaced(languages)),
        tag("p", say("Coasts: Natural Earth.")),
    )


def _spaced(parts: Sequence[Shown]) -> list[Shown]:
    return [each for part in parts for each in (part, " ")]
