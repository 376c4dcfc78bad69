"""The page's words in the languages of those who read it: one catalogue, keyed by the English words."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final, Literal, get_args

import yaml

Language = Literal["en", "ru", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
NAMES: Final[Mapping[Language, str]] = {"en": "English", "ru": "Русский", "zh": "中文"}


class Words:
    """Says things in one language."""

    def __init__(self, language: Language) -> None:
        """One of `LANGUAGES`."""
        self.language = language

    def __call__(self, english: str, **values: object) -> str:
        """The words of an English sentence, with the values put in. Raises `KeyError` when it is not in the catalogue.

        >>> Words("en")("{count} others did not answer", count=2)
        '2 others did not answer'
        """
        said = catalogue()[english]
        return said.get(self.language, english).format(**values)

    def if_known(self, set_: str, value: str) -> str:
        """The words of a value of an open set (a network file may name kinds of its own), else the value."""
        key = f"{set_}: {value}"
        return self(key) if key in catalogue() else value


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """English words to those of the other languages."""
    loaded: Mapping[str, Mapping[str, str]] = yaml.safe_load(
        files("tracker.web.pages").joinpath("words.yaml").read_text(encoding="utf-8")
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
