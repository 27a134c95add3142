"""The one shape of an error for programs: problem details, RFC 9457, with our own members where they help."""

from http import HTTPStatus
from typing import Final

from litestar import Response

from pumphandle.publication.formats import json_bytes
from pumphandle.web.errors import Fault, WebRequest

PROBLEM: Final = "application/problem+json"
DATA: Final = (".json", ".csv", ".parquet", ".geojson", ".atom", ".png")
"""An address with one of these endings is for programs; so is everything below /v1/."""
MEMBERS: Final = ("reference", "parameter", "allowed")


def for_programs(request: WebRequest) -> bool:
    """Whether an error at this address is told as data: by the address, or because JSON alone is accepted."""
    accepts = request.headers.get("accept", "")
    return request.url.path.endswith(DATA) or ("json" in accepts and "html" not in accepts)


def problem(fault: Fault) -> Response[bytes]:
    """type and title as RFC 9457 has them for plain HTTP statuses; `detail` is our sentence."""
    told: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(fault.status).phrase,
        "status": fault.status,
        "detail": fault.sentence,
    }
    told |= {name: getattr(fault, name) for name in MEMBERS if getattr(fault, name) is not None}
    headers = {"cache-control": "no-store", "access-control-allow-origin": "*"}
    return Response(json_bytes(told), status_code=fault.status, media_type=PROBLEM, headers=headers)
