"""The page's words in the languages of those who read it: one catalogue, keyed by the English words."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final, Literal, get_args

import yaml

from tracker.domain.faults import CATALOGUE
from tracker.web.markup import duration

Language = Literal["en", "ru", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
NAMES: Final[Mapping[Language, str]] = {"en": "English", "ru": "Русский", "zh": "中文"}
UNITS: Final[Mapping[str, Mapping[str, str]]] = {
    "ru": {"d": "д", "h": "ч", "min": "мин"},
    "zh": {"d": "天", "h": "小时", "min": "分"},
}
"""Of durations."""


class Words:
    """Says things in one language."""

    def __init__(self, language: Language) -> None:
        """One of `LANGUAGES`."""
        self.language = language

    def __call__(self, english: str, **values: object) -> str:
        """The words of an English sentence, with the values put in. Raises `KeyError` when it is not in the catalogue.

        >>> Words("en")("{count} on the way", count=2)
        '2 on the way'
        """
        said = catalogue()[english]
        return said.get(self.language, english).format(**values)

    def if_known(self, set_: str, value: str) -> str:
        """The words of a value of an open set (a network file may name kinds of its own), else the value."""
        key = f"{set_}: {value}"
        return self(key) if key in catalogue() else value

    def fault(self, code: str) -> tuple[str, str]:
        """What a fault means, and what to do about it. Raises `KeyError` where there is no such code."""
        entry = CATALOGUE[code]
        meaning, fix = faults()[code].get(self.language, (entry.meaning, entry.fix))
        return meaning, fix

    def duration(self, seconds: float | None) -> str:
        """Days and hours, as `markup.duration` says it, with the units of the language.

        >>> Words("ru").duration(14 * 86400 + 6 * 3600), Words("zh").duration(1200), Words("en").duration(None)
        ('14 д 6 ч', '20 分', '–')
        """
        said = duration(seconds)
        return said if self.language == "en" else " ".join([UNITS[self.language].get(p, p) for p in said.split(" ")])


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """English words to those of the other languages."""
    loaded: Mapping[str, Mapping[str, str]] = yaml.safe_load(
        files("tracker.web.pages").joinpath("words.yaml").read_text(encoding="utf-8")
    )
    return loaded


@cache
def faults() -> Mapping[str, Mapping[str, tuple[str, str]]]:
    """Code of a fault to what it means and its remedy, in the languages but English."""
    loaded: Mapping[str, Mapping[str, tuple[str, str]]] = yaml.safe_load(
        files("tracker.web.pages").joinpath("faults.yaml").read_text(encoding="utf-8")
    )
    return loaded


def language_of(asked: str | None, remembered: str | None, accepted: str) -> Language:
    """The language to answer in: asked for, else remembered by the browser, else the first it accepts that we have.

    >>> language_of(None, None, "kk;q=0.9, ru-RU;q=0.8, en;q=0.5"), language_of("zh", "ru", "")
    ('ru', 'zh')
    """
    for candidate in (asked, remembered):
        for language in LANGUAGES:
            if candidate == language:
                return language
    ranked = sorted((_rank(part) for part in accepted[:500].split(",")), key=lambda found: -found[1])
    for name, _ in ranked:
        for language in LANGUAGES:
            if name == language:
                return language
    return "en"


def _rank(part: str) -> tuple[str, float]:
    name, _, quality = part.partition(";q=")
    try:
        return name.strip().lower().partition("-")[0], float(quality or 1)
    except ValueError:
        return "", 0.0
