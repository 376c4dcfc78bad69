"""Which node of the network a carrier means.

Codes are matched exactly, names after folding: case, accents, punctuation and the words for station and port
say nothing. There is no fuzzy matching: a wrong node is worse than a rejected report, so what is unknown stays
unknown and only the hint to the carrier looks for what is similar.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from tracker.domain.network import Network

MAX_TEXT = 100
"""Characters of a code or name worth looking at; what is longer is unknown without being folded."""

REMEMBERED = 20_000
"""Texts remembered with their answer (some 200 bytes each, 4 MB); when full, all are forgotten: carriers repeat
a few hundred spellings, so only garbage fills it."""

SCHEMES = frozenset(("unlocode", "esr", "uic", "bic", "smdg", "name"))
"""The schemes a carrier may name; `id`, our own, goes without saying."""

_CODE_SCHEMES = ("esr", "uic", "bic", "smdg")
_WORDS = frozenset(
    ("station", "stn", "sta", "st", "port", "seaport", "станция", "станции", "ст", "порт", "порта", "морпорт")
)
_CHINESE_ENDINGS = re.compile("(?:火车站|车站|站|港口|港|口岸)+$")
_RUNS = re.compile(r"[^\W_]+")
_UNDECOMPOSED = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe"})
"""Accented letters that Unicode does not take apart."""


@dataclass(frozen=True, slots=True)
class Place:
    """The node meant. `nearest`: by a neighbour's code; `by_name`: by a name; both are doubts to warn about."""

    node: str
    nearest: bool = False
    by_name: bool = False


def folded_name(text: str) -> str:
    """The form in which names are compared; empty when nothing but words for station and port was there.

    >>> folded_name("Порт Актау"), folded_name("Małaszewicze st."), folded_name("多斯特克站")
    ('актау', 'malaszewicze', '多斯特克')
    """
    parts = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in parts if not unicodedata.combining(c)).translate(_UNDECOMPOSED)
    words = (_CHINESE_ENDINGS.sub("", word) for word in _RUNS.findall(plain) if word not in _WORDS)
    return "".join(words)


def folded_code(text: str) -> str:
    """The form in which codes are compared: capitals, no spaces (UN/LOCODE is written `KZ DOS` as well)."""
    return "".join(text.split()).upper()


class Places:
    """Finds nodes by own id, foreign code or name. Built once per network; a known text costs two look-ups."""

    def __init__(self, network: Network) -> None:
        self._ids = {node: Place(node) for node in network.nodes}
        self._codes: dict[tuple[str, str], Place] = {}
        self._names: dict[str, Place] = {}
        self._shown: list[tuple[str, str]] = []
        self._pairs: dict[str, list[int]] = {}
        self._sizes: list[int] = []
        for node in network.nodes.values():
            for code in node.codes:
                self._codes[code.scheme, folded_code(code.code)] = Place(node.id, nearest=code.nearest)
            for name in (node.name, *node.names):
                self._names[folded_name(name)] = Place(node.id, by_name=True)
            for shown in (node.name, *node.names, node.id):
                self._index(node.id, shown)
        self._names.pop("", None)
        self._remembered: dict[tuple[str | None, str], Place | None] = {}

    def resolve(self, scheme: str, code: str) -> Place | None:
        """The node with this code of `scheme` (`id`, `unlocode`, `esr`, `uic`, `bic`, `smdg`, `name`), or None."""
        return self._recall(scheme, code)

    def resolve_any(self, code: str) -> Place | None:
        """The node a bare text means: own id, then UN/LOCODE, then the other codes if they agree, then names.

        None when nothing matches, or when two schemes give different nodes.
        """
        return self._ids.get(code) or self._recall(None, code)

    def nearest_names(self, text: str, limit: int = 3) -> tuple[str, ...]:
        """Names and ids most like `text`, the most alike first, one per node; for the hint to the carrier.

        Likeness is the share of common pairs of letters. Cost: the names that share a pair, not all of them.
        """
        pairs = _pairs(text[:MAX_TEXT])
        common = Counter(i for pair in pairs for i in self._pairs.get(pair, ()))
        ranked = sorted(common, key=lambda i: (-common[i] / (len(pairs) + self._sizes[i]), i))
        found: dict[str, str] = {}
        for i in ranked:
            node, shown = self._shown[i]
            found.setdefault(node, shown)
            if len(found) == limit:
                break
        return tuple(found.values())

    def _recall(self, scheme: str | None, code: str) -> Place | None:
        key = (scheme, code)
        try:
            return self._remembered[key]
        except KeyError:
            pass
        if len(code) > MAX_TEXT:
            return None
        if len(self._remembered) >= REMEMBERED:
            self._remembered.clear()
        place = self._any(code) if scheme is None else self._by(scheme, code)
        self._remembered[key] = place
        return place

    def _by(self, scheme: str, code: str) -> Place | None:
        if scheme == "name":
            return self._names.get(folded_name(code))
        if scheme == "id":
            return self._ids.get(folded_code(code))
        return self._codes.get((scheme, folded_code(code)))

    def _any(self, code: str) -> Place | None:
        place = self._by("id", code) or self._by("unlocode", code)
        if place is not None:
            return place
        matches = {place for place in (self._by(scheme, code) for scheme in _CODE_SCHEMES) if place is not None}
        if not matches:
            return self._by("name", code)
        if len({place.node for place in matches}) > 1:
            return None
        return min(matches, key=lambda place: place.nearest)

    def _index(self, node: str, shown: str) -> None:
        pairs = _pairs(shown)
        for pair in pairs:
            self._pairs.setdefault(pair, []).append(len(self._shown))
        self._shown.append((node, shown))
        self._sizes.append(len(pairs))


def _pairs(text: str) -> set[str]:
    framed = f" {folded_name(text)} "
    return {framed[i : i + 2] for i in range(len(framed) - 1)}
