"""The OpenAPI document against the running demo: no answer but those it names, each in the shape that it says."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.page.fetched import fetched
from tests.web.shown import NETWORK, views
from tests.web.taken import Taken
from tests.web.test_closures import Book
from tracker.web.application import build_web
from tracker.web.openapi import openapi

schemathesis: Any = pytest.importorskip("schemathesis")
checks: Any = pytest.importorskip("schemathesis.checks")
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def document(demo: str) -> Any:
    loaded = schemathesis.openapi.from_dict(fetched(f"{demo}/v1/openapi.json"))
    loaded.config.update(base_url=demo)
    return loaded


@pytest.mark.filterwarnings("default")  # of schemathesis and its own dependencies
def test_every_question_gets_an_answer_that_the_document_names(document: Any) -> None:
    for found in document.get_all_operations():
        operation = found.ok()

        @settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            # Not "what fits is accepted": a cursor fits, and only those that an answer gave are ones.
            case.call_and_validate(timeout=10, checks=CHECKS)

        ask()


def test_the_document_names_every_path_under_v1() -> None:
    application = build_web(NETWORK, views(), Book(), acknowledgements=Taken())
    routes = {route.resource.canonical for route in application.router.routes() if route.resource}
    assert {path for path in routes if path.startswith("/v1/")} - {"/v1/openapi.json"} == set(openapi(NETWORK)["paths"])
