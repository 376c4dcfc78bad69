"""The token: only itself is right, and what is no text is only wrong."""

import pytest

from tracker.web.token import Token

WORD = "a-token-of-the-dispatchers"


@pytest.mark.parametrize("given", ["", WORD[:-1], WORD + "x", WORD.upper(), "\udcff\udcfe", "\ud800", "\u00e9"])
def test_what_is_not_the_token_is_not_right(given: str) -> None:
    assert not Token(WORD).is_right(given)
    assert Token(WORD).is_right(WORD)


def test_where_there_is_none_nothing_is_right() -> None:
    for none in (Token(None), Token("")):
        assert not none.is_set
        assert not none.is_right("")
