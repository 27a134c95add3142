"""What an identity provider says of somebody (OpenID Connect Core 1.0, 3.1.3.7): believed only if all of it holds."""

import base64
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import extract_compact

from pumphandle.vocabulary.errors import NotPermitted

ALGORITHMS: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
"""Signatures by key pairs only: `none` proves nothing, and HS256 could be made by whoever knows the client's secret."""

OLDEST: Final = 600
"""Seconds since a token was made: it is fetched at once, so an old one was kept by somebody."""
LEAST_RSA_BITS: Final = 2048
LONGEST: Final = 16 * 1024
"""Characters of a token."""
_KINDS: Final = {"OKP": OKPKey, "EC": ECKey, "RSA": RSAKey}
_KIND_OF: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}


class NotBelieved(NotPermitted):
    """Which of the checks failed; a word of ours for the log, never anything that came in."""


class UnknownKey(NotBelieved):
    """Signed with a key that the provider did not show: it may have new ones."""


@dataclass(frozen=True)
class Expected:
    """What an ID token must say.

    algorithms : that this provider may sign with, of ALGORITHMS
    subject : the claim that names the person
    acr, amr : values that say a second factor was checked; none listed: the provider's word on that counts for nothing
    max_age, skew : seconds since the person showed themselves to the provider (0: not asked), and between two clocks
    """

    issuer: str
    client_id: str
    algorithms: frozenset[str]
    subject: str
    acr: frozenset[str]
    amr: frozenset[str]
    max_age: int
    skew: int


@dataclass(frozen=True)
class Said:
    """Who it is, in the provider's own terms, and whether a second factor was checked there."""

    subject: str = field(repr=False)
    second_factor: bool


def said(token: str, expected: Expected, keys: Sequence[Mapping[str, object]], *, nonce: str, at: datetime) -> Said:
    """Whom the token speaks of.

    keys : the provider's JSON Web Keys (RFC 7517) as it shows them
    nonce : what was sent with the question that this answers
    Raises NotBelieved: signature, issuer, audience, times, nonce, person, in this order; UnknownKey among them.
    """
    claims = _signed(token, expected, keys)
    now = int(at.timestamp())
    if claims.get("iss") != expected.issuer:
        raise NotBelieved("issuer")
    _check_audience(claims, expected.client_id)
    _check_times(claims, expected, now)
    told = claims.get("nonce")
    if not isinstance(told, str) or not hmac.compare_digest(told.encode(), nonce.encode()):
        raise NotBelieved("nonce")
    subject = claims.get(expected.subject)
    if not isinstance(subject, str) or not 1 <= len(subject) <= 255 or not subject.isprintable():
        raise NotBelieved("subject")
    return Said(subject, _second_factor(claims, expected))


def _signed(token: str, expected: Expected, keys: Sequence[Mapping[str, object]]) -> dict[str, Any]:
    """The claims, if the signature is the provider's; the header's algorithm is compared before any key is touched."""
    if len(token) > LONGEST:
        raise NotBelieved("length")
    try:
        header = extract_compact(token.encode()).headers()
        algorithm = str(header.get("alg"))
        if algorithm not in expected.algorithms & ALGORITHMS:
            raise NotBelieved("algorithm")
        key = _key(keys, header.get("kid"), _KIND_OF[algorithm[:2]])
        return jwt.decode(token, key, algorithms=[algorithm]).claims
    except (ValueError, TypeError, KeyError, JoseError):
        raise NotBelieved("signature") from None


def _key(keys: Sequence[Mapping[str, object]], kid: object, kind: str) -> Key:
    """The one that the token names; without a name there must be one of the kind and no other."""
    fit = [one for one in keys if one.get("kty") == kind and one.get("use", "sig") == "sig"]
    named = fit if kid is None else [one for one in fit if one.get("kid") == kid]
    if len(named) != 1:
        raise UnknownKey("key")
    found = cast("dict[str, Any]", dict(named[0]))
    if kind == "RSA" and _bits(str(found["n"])) < LEAST_RSA_BITS:
        raise NotBelieved("weak key")
    return _KINDS[kind].import_key(found)


def _bits(number: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(number + "=" * (-len(number) % 4))).bit_length()


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    told = claims.get("aud")
    named = [told] if isinstance(told, str) else told
    if not isinstance(named, list) or client_id not in named:
        raise NotBelieved("audience")
    party = claims.get("azp")
    if (len(cast("list[object]", named)) > 1 or party is not None) and party != client_id:
        raise NotBelieved("audience")


def _check_times(claims: Mapping[str, Any], expected: Expected, now: int) -> None:
    expires, issued = _second(claims, "exp"), _second(claims, "iat")
    if expires is None or expires <= now - expected.skew:
        raise NotBelieved("expired")
    if issued is None or not now - OLDEST - expected.skew <= issued <= now + expected.skew:
        raise NotBelieved("issued at")
    begins = _second(claims, "nbf")
    if begins is not None and begins > now + expected.skew:
        raise NotBelieved("not yet")
    shown = _second(claims, "auth_time")
    if expected.max_age and (
        shown is None or not now - expected.max_age - expected.skew <= shown <= now + expected.skew
    ):
        raise NotBelieved("max age")


def _second(claims: Mapping[str, Any], name: str) -> int | None:
    """Whole seconds; a moment in another form is none."""
    told = claims.get(name)
    return int(told) if isinstance(told, int | float) and not isinstance(told, bool) and abs(told) < 1e12 else None


def _second_factor(claims: Mapping[str, Any], expected: Expected) -> bool:
    methods = claims.get("amr")
    told = {str(one) for one in cast("list[object]", methods)} if isinstance(methods, list) else set[str]()
    return bool(told & expected.amr) or claims.get("acr") in expected.acr
