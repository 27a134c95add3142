"""Machines of an authority: registered with a public key, let in for ten minutes by an assertion that it signed."""

import json
import re
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from pumphandle.actions.sign_in import hash_token
from pumphandle.governance import policy
from pumphandle.store.decisions import audit, machines
from pumphandle.store.decisions.machines import Machine
from pumphandle.store.engine import Database
from pumphandle.store.reference import areas
from pumphandle.vocabulary.errors import NotPermitted, NotUnderstood, Refused
from pumphandle.vocabulary.people import Actor, Purpose, Role
from pumphandle.vocabulary.places import AreaCode, AreaLevel

ALGORITHMS: Final = ("EdDSA", "Ed25519", "ES256", "RS256")
LONGEST_ASSERTION: Final = timedelta(minutes=5)
TOKEN_LASTS: Final = timedelta(minutes=10)
REFUSAL: Final = "The assertion is not accepted."
"""One sentence for every reason: who tries keys learns nothing."""
_KINDS: Final = {"OKP": OKPKey, "EC": ECKey, "RSA": RSAKey}


def register(
    database: Database, authority: AreaCode, *, client_id: str, public_jwk: str, by: Actor, at: datetime
) -> None:
    """Raises NotUnderstood for what is no public key, Refused for a private one, a taken name or no district."""
    policy.check_can_register_key(by)
    try:
        jwk = cast("dict[str, Any]", json.loads(public_jwk))
        key = _KINDS[jwk["kty"]].import_key(jwk)
    except (ValueError, KeyError, TypeError, JoseError):
        raise NotUnderstood("This is no JSON Web Key of kind OKP, EC or RSA.") from None
    if key.is_private:
        raise Refused("This key is private: it must never leave the machine. Send the public half only.")
    if not re.fullmatch(r"[a-z][a-z0-9._-]{2,39}", client_id):
        raise Refused("A machine's name has 3 to 40 small letters, digits, dots, dashes or underlines.")
    with database.transaction() as tx:
        if areas.area(tx, authority).level is not AreaLevel.DISTRICT:
            raise Refused(f"{authority} is no district: only a district has residents of its own.")
        if not machines.add(tx, Machine(client_id, authority, jwk, None), by=by, at=at):
            raise Refused(f"There is already a machine named {client_id}.")
        audit.add(tx, deed="machine", subject={"client_id": client_id, "authority": authority}, by=by, at=at)


def let_in(database: Database, *, assertion: str, audience: str, token: str, at: datetime) -> int:
    """A token for an assertion (RFC 7523): how many seconds it lasts. Raises NotPermitted, always in the same words.

    audience : the address of the token endpoint, which the assertion must name; token : fresh chance
    """
    by, claims = _claims(database, assertion, audience=audience, at=at)
    expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
    with database.transaction(authority=by.authority, role=by.role) as tx:
        if not machines.spend(tx, by.name, str(claims["jti"]), expires_at=expires_at, at=at):
            raise NotPermitted(REFUSAL)
        machines.add_token(tx, by.name, hash_token(token), expires_at=at + TOKEN_LASTS)
        audit.add(tx, deed="machine_let_in", subject={}, by=by, at=at)
    return int(TOKEN_LASTS.total_seconds())


def actor_of(database: Database, token: str, *, at: datetime) -> Actor | None:
    """Whose token this is, if it still holds."""
    with database.transaction() as tx:
        known = machines.of_token(tx, hash_token(token), at=at)
    return None if known is None or known.disabled_at is not None else _actor(known)


def _claims(database: Database, assertion: str, *, audience: str, at: datetime) -> tuple[Actor, dict[str, Any]]:
    """Signature, names, times; in this order, and nothing is believed before the signature holds."""
    try:
        client_id = _claimed_name(assertion)
        with database.transaction() as tx:
            known = machines.find(tx, client_id)
        if known is None or known.disabled_at is not None:
            raise NotPermitted(REFUSAL)
        key = _KINDS[known.public_jwk["kty"]].import_key(known.public_jwk)
        claims = jwt.decode(assertion, key, algorithms=list(ALGORITHMS)).claims
        now, expires, issued = int(at.timestamp()), int(claims["exp"]), int(claims.get("iat", at.timestamp()))
    except (ValueError, LookupError, TypeError, JoseError):
        raise NotPermitted(REFUSAL) from None
    named = claims.get("aud")
    right = claims.get("iss") == claims.get("sub") == client_id and bool(claims.get("jti"))
    right = right and (named == audience or named == [audience])
    if not right or not now < expires <= now + LONGEST_ASSERTION.total_seconds() or issued > now + 60:
        raise NotPermitted(REFUSAL)
    return _actor(known), claims


def _claimed_name(assertion: str) -> str:
    """Who it says that it is, to look the key up; not believed yet."""
    body = assertion.split(".")[1]
    return str(json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))["iss"])


def _actor(known: Machine) -> Actor:
    return Actor(known.client_id, Role.RECEIVER, AreaCode(known.authority), Purpose.DELIVERY)
