"""The description of the interface is true: whatever is asked, no fault of ours and no answer that it does not name."""

import re
from typing import Any, cast

import httpx
import hypothesis
import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from pumphandle.web.public.description import ENDPOINTS

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 12
"""Questions of each kind to each address: about a thousand requests in all."""


@pytest.mark.heavy
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_no_answer_is_undocumented(totals: None, address: str, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_url(f"{address}/schema/openapi.json")
    met: dict[int, int] = {}
    for found in schema.get_all_operations():
        operation: Any = cast("Any", found).ok()
        if mode is GenerationMode.NEGATIVE and not list(operation.iter_parameters()):
            continue

        @hypothesis.settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
            suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.filter_too_much],
        )
        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        def asked(case: Any) -> None:
            answer = case.call_and_validate(checks=CHECKS)
            met[answer.status_code] = met.get(answer.status_code, 0) + 1

        asked()
    assert {200, 400, 404} & set(met) if mode is GenerationMode.POSITIVE else 400 in met, met
    assert set(met) <= {200, 204, 304, 400, 404}, met


def test_every_endpoint_of_the_description_answers_as_described(totals: None, address: str) -> None:
    with httpx.Client(base_url=address) as client:
        for one in ENDPOINTS:
            path = one.path.replace("{code}", "A1").replace("{release_id}", "2020-06-10")
            given = {"/v1/data": {"filters": "areaType=ltla"}, "/status.csv": {"rule": "england-starter"}}
            got = client.get(path, params=given.get(path, {}))
            assert got.status_code == 200, path
            assert got.headers["content-type"].split(";")[0] in one.answers, path
            assert got.headers["access-control-allow-origin"] == "*", path


def test_each_bad_parameter_is_named_with_what_it_may_be(totals: None, address: str) -> None:
    """One question for every parameter of every address."""
    tried = 0
    with httpx.Client(base_url=address) as client:
        for one in ENDPOINTS:
            path = one.path.replace("{code}", "A1").replace("{release_id}", "2020-06-10")
            for parameter in one.parameters:
                given = {"filters": "areaType=ltla"} if path == "/v1/data" else {}
                got = client.get(path, params={**given, parameter.name: "%%"})
                assert got.status_code == 400, (path, parameter.name)
                told = got.json().get("detail") or got.json()["response"]
                assert re.match(rf"{parameter.name} must be ", told), told
                if not path.startswith("/v1/"):
                    assert (got.json()["parameter"], got.json()["allowed"]) == (parameter.name, parameter.allowed)
                tried += 1
            got = client.get(path, params={"colour": "red"})
            assert got.status_code == 400 or not one.path.startswith("/areas"), path
    assert tried > 60


def test_a_page_elsewhere_may_ask(address: str) -> None:
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    got = httpx.options(f"{address}/areas/A1.json", headers=asked)
    assert got.status_code == 204
    assert got.headers["access-control-allow-origin"] == "*"
    assert "if-none-match" in got.headers["access-control-allow-headers"]
