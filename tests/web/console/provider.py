"""A real identity provider on loopback: it has people, shows a form, gives codes and signs tokens; told so, it lies."""

import base64
import hashlib
import html
import json
import secrets
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT: Final = "pumphandle"
SECRET: Final = "planted-client-secret-of-the-console"
FORM: Final = """<!doctype html><html lang="en"><title>Ministry of Health: sign in</title><h1>Ministry of Health</h1>
<form method="post" action="/authorize"><input type="hidden" name="asked" value="{asked}">
<label>Staff number <input name="login"></label><button>Continue</button></form></html>"""


def key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"}, private=True)


@dataclass
class Provider:
    """people : login -> claims beside the usual ones. What a test changes is read at the next question.

    lie : changes claims (and header) before they are signed; forge : makes the whole token; gone : answers nothing
    """

    clock: Callable[[], datetime]
    issuer: str = ""
    redirects: set[str] = field(default_factory=set)
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    signing: RSAKey = field(default_factory=lambda: key("first"))
    shown: list[RSAKey | ECKey] = field(default_factory=list)
    lie: Callable[[dict[str, Any], dict[str, Any]], None] | None = None
    forge: Callable[[dict[str, Any]], str] | None = None
    description: dict[str, Any] = field(default_factory=dict)
    assertion_key: ECKey | None = None
    names_itself: str | None = None
    gone: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    used: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    asked_for_keys: int = 0
    ended: int = 0

    def described(self) -> dict[str, Any]:
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/end",
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }
        return told | self.description

    def consent(self, asked: dict[str, str], login: str) -> str:
        """Where the browser goes back to, once `login` has shown who they are."""
        assert asked["client_id"] == CLIENT and asked["redirect_uri"] in self.redirects, "not registered"
        assert asked["response_type"] == "code" and "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256" and len(asked["nonce"]) >= 32 and len(asked["state"]) >= 32
        if login not in self.people:
            return f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        code = secrets.token_urlsafe(24)
        self.codes[code] = asked | {"login": login}
        told = {"code": code, "state": asked["state"]} | ({"iss": self.names_itself} if self.names_itself else {})
        return f"{asked['redirect_uri']}?{urlencode(told)}"

    def token(self, form: dict[str, str], authorization: str | None) -> tuple[int, dict[str, Any]]:
        """RFC 6749 4.1.3 and RFC 7636 4.6: the console, the same address, the verifier, and each code once."""
        if not self._is_console(form, authorization):
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or asked["redirect_uri"] != form.get("redirect_uri")
            or asked["code_challenge"] != challenge.rstrip(b"=").decode()
        ):
            return 400, {"error": "invalid_grant"}
        self.used.append(form["code"])
        now = int(self.clock().timestamp())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "auth_time": now, "nonce": asked["nonce"],
            "sub": asked["login"], **self.people[asked["login"]],
        }  # fmt: skip
        header = {"alg": "RS256", "kid": str(self.signing.kid)}
        if self.lie:
            self.lie(claims, header)
        token = self.forge(claims) if self.forge else jwt.encode(header, claims, self.signing, algorithms=["RS256"])
        self.tokens.append(token)
        return 200, {"access_token": secrets.token_urlsafe(24), "token_type": "Bearer", "id_token": token}

    def _is_console(self, form: dict[str, str], authorization: str | None) -> bool:
        if self.assertion_key is None:
            return authorization == "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        claims = jwt.decode(form["client_assertion"], self.assertion_key, algorithms=["ES256"]).claims
        return claims["iss"] == claims["sub"] == CLIENT and claims["aud"] == f"{self.issuer}/token"


@contextmanager
def running(provider: Provider, host: str = "127.0.0.1") -> Generator[Provider]:
    """host : `localhost` is another site than 127.0.0.1 to a browser, as a ministry is"""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, asked = urlsplit(self.path).path, dict(parse_qsl(urlsplit(self.path).query))
            if provider.gone:
                self._tell(503, {})
            elif path == "/.well-known/openid-configuration":
                self._tell(200, provider.described())
            elif path == "/keys":
                provider.asked_for_keys += 1
                self._tell(200, {"keys": [one.as_dict(private=False) for one in provider.shown or [provider.signing]]})
            elif path == "/authorize":
                self._page(FORM.format(asked=html.escape(json.dumps(asked))))
            elif path == "/end":
                assert asked["client_id"] == CLIENT
                provider.ended += 1
                self._go(asked["post_logout_redirect_uri"])
            else:
                self._tell(404, {})

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(sent).items()}
            if self.path == "/authorize":
                self._go(provider.consent(json.loads(form["asked"]), form.get("login", "")))
            else:
                self._tell(*provider.token(form, self.headers["Authorization"]))

        def _tell(self, status: int, content: dict[str, Any]) -> None:
            self._send(status, json.dumps(content), {"Content-Type": "application/json"})

        def _page(self, content: str) -> None:
            self._send(200, content, {"Content-Type": "text/html"})

        def _go(self, to: str) -> None:
            self._send(303, "", {"Location": to})

        def _send(self, status: int, content: str, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(content.encode()))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    provider.issuer = f"http://{host}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


def describe(home: Path, provider: Provider, name: str = "ministry", more: str = "", secret: str = SECRET) -> None:
    folder = home / "sign-in"
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.secret"
    file.touch(0o600)
    file.write_text(secret, "utf-8")
    proof = "" if "proof" in more else 'proof = "secret"\n'
    (folder / f"{name}.toml").write_text(
        f'title = "Ministry of Health"\nissuer = "{provider.issuer}"\nclient_id = "pumphandle"\n{proof}'
        f'secret_file = "{name}.secret"\namr = ["otp", "hwk"]\nacr = ["urn:two"]\n{more}\n',
        "utf-8",
    )
