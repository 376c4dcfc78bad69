"""Who may change something by HTTP: whoever gives the token of `TRACKER_WEB_TOKEN`."""

import hmac
from http import HTTPStatus
from typing import Final

from aiohttp import web

from tracker.web.problem import problem

_BEARER: Final = "Bearer "


class Token:
    """The token, or that there is none: then nobody may."""

    def __init__(self, word: str | None) -> None:
        """An empty word is none."""
        self._word = word or None

    @property
    def is_set(self) -> bool:
        """Whether anybody may."""
        return self._word is not None

    def is_right(self, given: str) -> bool:
        """Whether it is the token; in constant time, which must not tell how much of a guess is right."""
        # Bytes of a header that are no text come as halves of pairs, which plain UTF-8 refuses.
        return self._word is not None and hmac.compare_digest(given.encode(errors="surrogatepass"), self._word.encode())

    def refused(self, request: web.Request, otherwise: str = "") -> web.Response | None:
        """The answer to who may not change anything; `otherwise` says what else can be done where nobody may."""
        if not self.is_set:
            said = f"nothing is entered by HTTP here; set TRACKER_WEB_TOKEN{otherwise}"
            return problem(HTTPStatus.FORBIDDEN, said, request.path)
        given = request.headers.get("Authorization", "")
        if given.startswith(_BEARER) and self.is_right(given.removeprefix(_BEARER)):
            return None
        said = "no token, or not the right one; wanted `Authorization: Bearer` with that of TRACKER_WEB_TOKEN"
        answer = problem(HTTPStatus.UNAUTHORIZED, said, request.path)
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
