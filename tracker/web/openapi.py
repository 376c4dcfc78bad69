"""The OpenAPI 3.1 document of `/v1`, made of the answers' shapes and of the network's ids: it is never stale."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final, get_args

import msgspec
from aiohttp import web

from tracker.contract import answers
from tracker.contract.acknowledgements import BY_MAX, EXCEPTION_ID, NOTE_MAX
from tracker.contract.written import AcknowledgementRecord, RuleName
from tracker.domain.exceptions import Cause, Severity, State
from tracker.domain.network import OTHER, UNDECIDED, Direction, Network
from tracker.web.asked import CURSOR_LENGTH_MAX, LIMIT, LIMIT_MAX
from tracker.web.lists import ORDERS, STATUSES
from tracker.web.search import LONGEST, SHORTEST

PATH: Final = "/v1/openapi.json"
_SHAPES: Final = (
    answers.CarrierAnswer,
    answers.ContainerAnswer,
    answers.CorridorAnswer,
    answers.CorridorsAnswer,
    answers.DisruptionsAnswer,
    answers.ExceptionsAnswer,
    answers.JourneysAnswer,
    answers.NodeAnswer,
    answers.NodesAnswer,
    answers.ProblemAnswer,
    answers.SearchAnswer,
    AcknowledgementRecord,
)
Parameter = Mapping[str, Any]


def openapi(network: Network) -> dict[str, Any]:
    """The document."""
    _, shapes = msgspec.json.schema_components(_SHAPES, ref_template="#/components/schemas/{name}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rail container tracker",
            "version": "1",
            "description": "What the workers know of containers on the corridors. Every worker answers for all. "
            "Times are RFC 3339 in UTC, durations seconds. Fields may be added.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": _paths(network),
        "components": {
            "schemas": shapes,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "TRACKER_WEB_TOKEN"}},
        },
    }


def served(network: Network) -> web.RouteDef:
    """The route of the document."""
    body = json.dumps(openapi(network), ensure_ascii=False).encode()

    async def document(request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    return web.get(PATH, document)


def _paths(network: Network) -> dict[str, Any]:
    corridors, nodes = sorted(network.corridors), sorted(network.nodes)
    known = [*corridors, UNDECIDED, OTHER]
    number = {"type": "string", "pattern": "^[A-Za-z]{3}[Uu][0-9]{7}$", "examples": ["TBJU4395630"]}
    journeys = [
        _query("corridor", known),
        _query("direction", Direction),
        _query("state", get_args(State)),
        _query("node", nodes, "Where the container stands."),
        _query("order", ORDERS, "By container number, or those first that stand longest where they do."),
        *_paging(),
    ]
    rules = get_args(RuleName)[1].extra_json_schema["enum"]
    exceptions = [
        _query("status", STATUSES, "Open ones unless it says otherwise."),
        _query("rule", rules),
        _query("severity", Severity),
        _query("corridor", known),
        _query("node", nodes),
        _query("cause", Cause),
        *_paging(),
    ]
    exception = _in_path("id", {"type": "string", "pattern": EXCEPTION_ID})
    text = {"type": "string", "minLength": SHORTEST, "maxLength": LONGEST}
    searched: Parameter = {"name": "q", "in": "query", "required": True, "schema": text}
    return {
        "/v1/containers/{number}": _get(
            "container",
            "Everything known of a container",
            "ContainerAnswer",
            [_in_path("number", number)],
            (400, 404, 503),
        ),
        "/v1/journeys": _get("journeys", "Open journeys, page by page", "JourneysAnswer", journeys, (400,)),
        "/v1/exceptions": _get(
            "exceptions", "What is wrong, newest deadline first", "ExceptionsAnswer", exceptions, (400,)
        ),
        "/v1/exceptions/{id}": _get(
            "exception", "One that is open, or was resolved of late", "ListedExceptionAnswer", [exception], (404,)
        ),
        "/v1/exceptions/{id}/acknowledgement": _changed(
            "post", "acknowledge", "Say who takes it on; replaces what was said before", 201, (400, 401, 403, 404, 503),
            [exception], "AcknowledgementRecord", _BODY,
        ) | _changed(
            "delete", "unacknowledge", "As if it had never been acknowledged", 204, (401, 403, 404, 503), [exception]
        ),
        "/v1/disruptions": _get("disruptions", "Planned closures that were entered", "DisruptionsAnswer", [], (503,))
        | _changed(
            "post", "disrupt", "Enter one; the same id replaces", 201, (400, 401, 403, 503),
            [], "DisruptionRecord", {"$ref": "#/components/schemas/DisruptionRecord"},
        ),
        "/v1/disruptions/{id}": _changed(
            "delete", "restore", "End one now; one that has not begun is taken back (204)", 200,
            (401, 403, 404, 409, 503), [_in_path("id", {"type": "string", "maxLength": 100})], "DisruptionRecord",
        ),
        "/v1/corridors": _get("corridors", "The figures of all corridors", "CorridorsAnswer", [], ()),
        "/v1/corridors/{id}": _get(
            "corridor", "One corridor", "CorridorAnswer", [_in_path("id", _one_of(corridors))], (404,)
        ),
        "/v1/carriers/{id}": _get(
            "carrier",
            "A carrier's scorecard, and its days",
            "CarrierAnswer",
            [_in_path("id", {"type": "string", "pattern": "^[a-z0-9-]{2,20}$"})],
            (404,),
        ),
        "/v1/nodes": _get("nodes", "The figures of all nodes", "NodesAnswer", [], ()),
        "/v1/nodes/{id}": _get("node", "One node", "NodeAnswer", [_in_path("id", _one_of(nodes))], (404,)),
        "/v1/search": _get(
            "search", "Containers by train, wagon, vessel, voyage, booking or consignment note", "SearchAnswer",
            [searched], (400,),
        ),
    }  # fmt: skip


def _get(name: str, summary: str, shape: str, parameters: list[Parameter], problems: Collection[int]) -> dict[str, Any]:
    """A path that is read."""
    told = {
        str(status): {
            "description": _PROBLEMS[status],
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemAnswer"}}},
        }
        for status in (*problems, 414, 429)
    }
    good = {
        "description": summary,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape}"}}},
    }
    return {
        "get": {"operationId": name, "summary": summary, "parameters": parameters, "responses": {"200": good, **told}}
    }


def _changed(
    method: str,
    name: str,
    summary: str,
    status: int,
    problems: Collection[int],
    parameters: list[Parameter],
    shape: str | None = None,
    body: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A path by which something is changed: with the token only."""
    (said,) = _get(name, summary, shape or "", parameters, problems).values()
    good = said["responses"].pop("200")
    said["responses"][str(status)] = good if shape else {"description": summary}
    if method == "delete" and shape:
        said["responses"]["204"] = {"description": "Taken back"}
    if body is not None:
        said["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return {method: {**said, "security": [{"token": []}]}}


def _query(name: str, values: Iterable[str], description: str = "") -> Parameter:
    described = {"description": description} if description else {}
    return {"name": name, "in": "query", "schema": _one_of(values), **described}


def _in_path(name: str, schema: Mapping[str, Any]) -> Parameter:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _paging() -> list[Parameter]:
    limit = {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT}
    place = {"type": "string", "maxLength": CURSOR_LENGTH_MAX, "pattern": "^[A-Za-z0-9_-]*$"}
    return [
        {"name": "limit", "in": "query", "schema": limit},
        {"name": "cursor", "in": "query", "schema": place, "description": "What `next` of the page before said."},
    ]


def _one_of(values: Iterable[str]) -> dict[str, Any]:
    return {"type": "string", "enum": [str(value) for value in values]}


_BODY: Final = {
    "type": "object",
    "properties": {
        "by": {"type": "string", "minLength": 1, "maxLength": BY_MAX},
        "note": {"type": ["string", "null"], "maxLength": NOTE_MAX},
    },
    "required": ["by"],
    "additionalProperties": False,
}
"""Who acknowledges."""
_PROBLEMS: Final = {
    400: "Something is wrong with the question",
    401: "Not the right token",
    403: "Nothing is changed by HTTP here: no token is set",
    409: "It is over already",
    404: "Not known",
    414: "The address is too long",
    429: "Asked too often; `Retry-After` says when to ask again",
    503: "The worker that knows does not answer",
}
