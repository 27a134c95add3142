"""Asking an identity provider: where its doors are, its keys, and what a code stands for. Bounded in time and size."""

import json
import logging
import ssl
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast
from urllib.parse import urlencode, urlsplit

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749 import parameters
from authlib.oauth2.rfc7523 import assertion
from authlib.oauth2.rfc7636 import challenge

from pumphandle.store.providers.described import Provider, is_safe
from pumphandle.vocabulary.errors import NotPermitted, PumphandleError

PATIENCE: Final = 5.0
"""Seconds for one answer: somebody waits before a page meanwhile."""
LARGEST: Final = 256 * 1024
"""Bytes of one answer."""
HOLDS: Final = timedelta(hours=1)
"""For so long a description and keys are taken as they were told."""
ANEW: Final = timedelta(minutes=1)
"""At most so often an unknown key makes us ask anew: tokens of others' making must not set us asking."""
DISCOVERY: Final = "/.well-known/openid-configuration"
# authlib tells no types
_GRANT: Callable[..., str] = cast("Any", parameters).prepare_grant_uri
_REQUEST: Callable[..., str] = cast("Any", parameters).prepare_token_request
_SIGN: Callable[..., str] = cast("Any", assertion).private_key_jwt_sign
_PKCE: Callable[[str], str] = cast("Any", challenge).create_s256_code_challenge
_AUTH: Callable[..., Any] = ClientAuth
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ALGORITHM_OF: Final = {"RSA": "PS256", "EC": "ES256", "OKP": "EdDSA"}

logging.getLogger("httpx").setLevel(logging.WARNING)  # it would write addresses down


class ProviderSilent(PumphandleError):
    """The provider does not answer, or not with what a provider answers. Only a word of ours is told."""


class CodeRefused(NotPermitted):
    """The provider takes the code for used, old or another's."""


@dataclass(frozen=True)
class Doors:
    """What the provider's own description says (OpenID Connect Discovery 1.0)."""

    authorize: str
    token: str
    keys: str
    end_session: str | None
    names_itself: bool
    """Whether every answer to the browser names the issuer (RFC 9207)."""
    told: Mapping[str, Any]


class Door:
    """One provider, with what it told lately. Several threads may ask at once."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._lock = threading.Lock()
        self._doors: tuple[datetime, Doors] | None = None
        self._keys: tuple[datetime, list[Mapping[str, object]]] | None = None

    def doors(self, *, at: datetime) -> Doors:
        """Raises ProviderSilent."""
        with self._lock:
            if self._doors is None or not timedelta() <= at - self._doors[0] < HOLDS:
                self._doors = (at, self._discover())
            return self._doors[1]

    def keys(self, *, at: datetime, anew: bool = False) -> list[Mapping[str, object]]:
        """The provider's public keys; `anew` where a token names one that we were not shown. Raises ProviderSilent."""
        address = self.doors(at=at).keys
        with self._lock:
            age = HOLDS if self._keys is None else at - self._keys[0]
            if not timedelta() <= age < (ANEW if anew else HOLDS):
                self._keys = (at, self._shown(address))
            return [] if self._keys is None else self._keys[1]

    def address(self, redirect: str, *, state: str, nonce: str, verifier: str, at: datetime) -> str:
        """Where the browser is sent to: code, PKCE (S256), state and nonce, and how long ago a showing may be."""
        expected = self.provider.expected
        asked: dict[str, str] = {
            "nonce": nonce,
            "code_challenge": _PKCE(verifier),
            "code_challenge_method": "S256",
        }
        if expected.max_age:
            asked["max_age"] = str(expected.max_age)
        if expected.acr:
            asked["acr_values"] = " ".join(sorted(expected.acr))
        door = self.doors(at=at).authorize
        return _GRANT(door, expected.client_id, "code", redirect, self.provider.scopes, state, **asked)

    def id_token(self, code: str, redirect: str, *, verifier: str, at: datetime) -> str:
        """What the code stands for. Raises CodeRefused, ProviderSilent; neither repeats what came in."""
        door = self.doors(at=at).token
        body = _REQUEST("authorization_code", "", redirect, code=code, code_verifier=verifier)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        headers, body = self._proved(door, headers, body)
        status, content = self._exchange("POST", door, headers=headers, content=body)
        if status in (400, 401, 403):
            raise CodeRefused("code")
        told = _object(content) if status == 200 else {}
        token = told.get("id_token")
        if not isinstance(token, str):
            raise ProviderSilent("no token")
        return token

    def goodbye(self, back: str, *, at: datetime) -> str | None:
        """Where the browser ends its visit at the provider too (RP-Initiated Logout 1.0); None if it has no such door.

        No ID token is sent as a hint: none is kept.
        """
        door = self.doors(at=at).end_session
        if door is None:
            return None
        asked = urlencode({"client_id": self.provider.expected.client_id, "post_logout_redirect_uri": back})
        return f"{door}{'&' if urlsplit(door).query else '?'}{asked}"

    def clock(self) -> str | None:
        """The Date that the provider's answer bears, to compare clocks; None if it bears none."""
        try:
            with self._client() as client, client.stream("GET", self._discovery()) as answer:
                return answer.headers.get("Date")
        except (httpx.HTTPError, OSError):
            raise ProviderSilent("connection") from None

    def _proved(self, door: str, headers: dict[str, str], body: str) -> tuple[dict[str, str], str]:
        """The question, with what proves that the console asks."""
        client_id, secret = self.provider.expected.client_id, self.provider.secret
        if self.provider.proof == "key":
            jwk = cast("dict[str, Any]", json.loads(secret))
            algorithm = str(jwk.get("alg") or _ALGORITHM_OF[jwk["kty"]])
            header = {"kid": jwk["kid"]} if "kid" in jwk else {}
            signed = _SIGN(jwk, client_id, door, alg=algorithm, header=header, expires_in=60)
            proof = {"client_id": client_id, "client_assertion_type": _ASSERTION, "client_assertion": signed}
            return headers, f"{body}&{urlencode(proof)}"
        kind = "client_secret_basic" if self.provider.proof == "secret" else "client_secret_post"
        _, headers, body = _AUTH(client_id, secret, kind).prepare("POST", door, headers, body)
        return headers, body

    def _discovery(self) -> str:
        return self.provider.issuer.rstrip("/") + DISCOVERY

    def _discover(self) -> Doors:
        """A description that names another issuer, or a door that is not safe, is none."""
        status, content = self._exchange("GET", self._discovery())
        told = _object(content) if status == 200 else {}
        if told.get("issuer") != self.provider.issuer:
            raise ProviderSilent("description")
        for word in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not is_safe(told.get(word)):
                raise ProviderSilent("unsafe address")
        end = told.get("end_session_endpoint")
        return Doors(
            authorize=str(told["authorization_endpoint"]),
            token=str(told["token_endpoint"]),
            keys=str(told["jwks_uri"]),
            end_session=str(end) if is_safe(end) else None,
            names_itself=told.get("authorization_response_iss_parameter_supported") is True,
            told=told,
        )

    def _shown(self, address: str) -> list[Mapping[str, object]]:
        status, content = self._exchange("GET", address)
        keys = _object(content).get("keys") if status == 200 else None
        if not isinstance(keys, list):
            raise ProviderSilent("keys")
        return [cast("dict[str, object]", one) for one in cast("list[object]", keys) if isinstance(one, dict)]

    def _exchange(
        self, method: str, address: str, *, headers: dict[str, str] | None = None, content: str | None = None
    ) -> tuple[int, bytes]:
        """One question and its answer; nothing is followed, and no proxy or password of the environment is used."""
        got, until = bytearray(), time.monotonic() + 3 * PATIENCE
        try:
            with self._client() as client, client.stream(method, address, headers=headers, content=content) as answer:
                for part in answer.iter_bytes():
                    got += part
                    if len(got) > LARGEST or time.monotonic() > until:
                        raise ProviderSilent("size")
                return answer.status_code, bytes(got)
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            raise ProviderSilent("connection") from None

    @contextmanager
    def _client(self) -> Generator[httpx.Client]:
        authorities = self.provider.authorities_file
        context = ssl.create_default_context(cafile=authorities and str(authorities))
        with httpx.Client(verify=context, timeout=PATIENCE, follow_redirects=False, trust_env=False) as client:
            yield client


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        raise ProviderSilent("answer") from None
    if not isinstance(found, dict):
        raise ProviderSilent("answer")
    return cast("dict[str, Any]", found)
