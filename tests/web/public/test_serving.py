"""What a link checker and a cache are told of each address: its kind once, and HEAD as GET without the body."""

import httpx

KINDS = {
    "/": "text/html; charset=utf-8",
    "/areas/NOPE": "text/html; charset=utf-8",
    "/areas/A1.json": "application/json",
    "/ledger.csv": "text/csv; charset=utf-8",
    "/static/any/js/atlas/main.js": "text/javascript; charset=utf-8",
}


def test_head_is_get_without_the_body_and_the_kind_is_said_once(address: str) -> None:
    with httpx.Client() as client:
        for path, kind in KINDS.items():
            got, asked = client.get(address + path), client.head(address + path)
            assert got.headers["content-type"] == asked.headers["content-type"] == kind, path
            assert asked.status_code == got.status_code
            assert asked.content == b""
            assert got.content != b""
            assert asked.headers.get("etag") == got.headers.get("etag")


def test_other_methods_are_still_refused(address: str) -> None:
    with httpx.Client() as client:
        assert client.post(address).status_code == 405
