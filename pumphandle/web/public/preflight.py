"""OPTIONS, before the application: what a page elsewhere may ask; the description where the former server gave one."""

from typing import Final, cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send

DESCRIPTION: Final = "/schema/openapi.json"
ALLOWED: Final = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD, OPTIONS"),
    (b"access-control-allow-headers", b"accept, if-none-match, if-modified-since"),
    (b"access-control-max-age", b"86400"),
)


def answering_options(app: ASGIApp) -> ASGIApp:
    """Answers a browser's question before a request from elsewhere; OPTIONS of /v1/data gets the description."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "OPTIONS":
            await app(scope, receive, send)
        elif any(name == b"access-control-request-method" for name, _ in scope["headers"]):
            await send(cast("Message", {"type": "http.response.start", "status": 204, "headers": ALLOWED}))
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        elif scope["path"] == "/v1/data":
            there = {"method": "GET", "path": DESCRIPTION, "raw_path": DESCRIPTION.encode(), "query_string": b""}
            await app(cast("Scope", {**scope, **there}), receive, send)
        else:
            await app(scope, receive, send)

    return answer
