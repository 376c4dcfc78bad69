"""HTML from values: everything is escaped here, so that no other module writes a tag around a foreign text."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from typing import Final

import msgspec

VOID: Final = frozenset(("input", "meta", "link", "br"))
"""Elements without an end."""
ABSENT: Final = "–"
"""What is shown where a figure can't be said."""


SHORT: Final = 60
"""Characters of a text whose escaped form is kept: names, times and classes come on every page again and again."""


class Html(msgspec.Struct, frozen=True, gc=False):
    """Markup that is safe to show; a plain `str` is not and gets escaped. A page is made of thousands."""

    text: str


Shown = Html | str | int
"""What a cell holds."""


def tag(name: str, /, *content: Shown, **attributes: str) -> Html:
    """An element; `class_` stands for `class`. Attributes are escaped too.

    >>> tag("td", "a<b", class_="x").text
    '<td class="x">a&lt;b</td>'
    """
    begin = name
    for key, value in attributes.items():
        begin += f' {_attribute(key)}="{_escaped(value)}"'
    if name in VOID:
        return Html(f"<{begin}>")
    inner = "".join([part.text if isinstance(part, Html) else _escaped(str(part)) for part in content])
    return Html(f"<{begin}>{inner}</{name}>")


def markup(shown: Shown) -> Html:
    """The value as markup."""
    return shown if isinstance(shown, Html) else Html(_escaped(str(shown)))


def _escaped(text: str) -> str:
    return _short_escaped(text) if len(text) <= SHORT else escape(text)


_short_escaped: Final = lru_cache(16_384)(escape)  # 3 MB; found in a tenth of the time that escaping takes


@lru_cache(200)
def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def joined(parts: Iterable[Html]) -> Html:
    """Markup one after another."""
    return Html("\n".join([part.text for part in parts]))


def table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Shown]], texts: int = 1) -> Html:
    """A table with a caption; the first `texts` columns are words, the others figures."""

    def kind(column: int) -> str:
        return "word" if column < texts else "figure"

    head = tag("tr", *(tag("th", name, scope="col", class_=kind(at)) for at, name in enumerate(heads)))
    body = [
        tag(
            "tr",
            tag("th", row[0], scope="row"),
            *(tag("td", cell, class_=kind(at)) for at, cell in enumerate(row[1:], 1)),
        )
        for row in rows
    ]
    content = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body))
    # Narrow windows scroll it sideways: then the keyboard must get to it, too.
    return tag("div", content, class_="wide", tabindex="0", role="region", aria_label=caption)


def number(value: float | None, digits: int = 0) -> str:
    """A number with narrow no-break spaces between thousands; `ABSENT` for None.

    >>> number(345.678, 1), number(None)
    ('345.7', '–')
    """
    return ABSENT if value is None else f"{value:,.{digits}f}".replace(",", "\u202f")


def duration(seconds: float | None) -> str:
    """Days and hours, or hours below two days, as a dispatcher says it; `ABSENT` for None.

    >>> duration(14 * 86400 + 6 * 3600 + 1700), duration(30 * 3600), duration(1200), duration(None)
    ('14 d 6 h', '30 h', '20 min', '–')
    """
    if seconds is None:
        return ABSENT
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    hours = round(seconds / 3600)
    return f"{hours} h" if hours < 48 else f"{hours // 24} d {hours % 24} h"


def share(value: float | None) -> str:
    """A share in percent; `ABSENT` for None."""
    return ABSENT if value is None else f"{value:.0%}"
