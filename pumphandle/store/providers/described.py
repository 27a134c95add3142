"""Providers as a deployment describes them: one file each, read when the console is opened."""

import ipaddress
import json
import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from pumphandle.governance.id_token import ALGORITHMS, Expected
from pumphandle.vocabulary.errors import BadDescription

NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,30}")
FOLDER: Final = "sign-in"
"""Below the home: <name>.toml, and beside it the file with the secret."""
KNOWN: Final = frozenset(
    {
        "title", "issuer", "client_id", "proof", "secret_file", "subject_claim", "acr", "amr", "ask_own_factor",
        "max_age_minutes", "clock_skew_seconds", "algorithms", "scopes", "authorities_file",
    }
)  # fmt: skip
_KINDS: Final = {"OKP": OKPKey, "EC": ECKey, "RSA": RSAKey}


@dataclass(frozen=True)
class Provider:
    """One identity provider.

    name : in addresses and in the audit; title : on the button
    proof : how the console proves itself: `secret` (client_secret_basic), `secret-post` or `key` (private_key_jwt)
    secret : the client's secret, or its private key as a JSON Web Key
    ask_own_factor : who comes without a second factor is asked for the house's own; otherwise they are refused
    authorities_file : certificates of who vouches for the provider's https, where the machine does not know them
    """

    name: str
    title: str
    expected: Expected
    proof: str
    secret: str = field(repr=False)
    ask_own_factor: bool
    scopes: str
    authorities_file: Path | None

    @property
    def issuer(self) -> str:
        return self.expected.issuer


def providers(home: Path) -> dict[str, Provider]:
    """Name -> provider, in the order of the names; none where nothing is described.

    Raises BadDescription, which names the file, the word and the remedy, and never a value.
    """
    found = {path.stem: _read(path) for path in sorted((home / FOLDER).glob("*.toml"))}
    issuers = [one.issuer for one in found.values()]
    if len(set(issuers)) < len(issuers):
        raise BadDescription(f"Two files of the folder {FOLDER} name the same issuer: keep one.")
    return found


def _read(path: Path) -> Provider:
    here = f"{FOLDER}/{path.name}"
    if not NAME.fullmatch(path.stem):
        raise BadDescription(f"{here}: a provider's file has a name of small letters, digits and dashes.")
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise BadDescription(f"{here} is no TOML file.") from None
    unknown = sorted(set(told) - KNOWN)
    if unknown:
        raise BadDescription(f"{here}: {unknown[0]} is no word of a provider. Words are: {', '.join(sorted(KNOWN))}.")
    issuer = _text(here, told, "issuer")
    if not is_safe(issuer) or urlsplit(issuer).query or urlsplit(issuer).fragment:
        raise BadDescription(
            f"{here}: issuer must be an https:// address without query (http:// on this machine only)."
        )
    proof = _text(here, told, "proof")
    if proof not in ("secret", "secret-post", "key"):
        raise BadDescription(f"{here}: proof is secret, secret-post or key.")
    expected = Expected(
        issuer=issuer,
        client_id=_text(here, told, "client_id"),
        algorithms=_algorithms(here, told),
        subject=_text(here, told, "subject_claim", "sub"),
        acr=frozenset(_texts(here, told, "acr", [])),
        amr=frozenset(_texts(here, told, "amr", [])),
        max_age=60 * _count(here, told, "max_age_minutes", 60, 0, 720),
        skew=_count(here, told, "clock_skew_seconds", 60, 0, 300),
    )
    ask = told.get("ask_own_factor", True)
    if not isinstance(ask, bool):
        raise BadDescription(f"{here}: ask_own_factor is true or false.")
    scopes = _texts(here, told, "scopes", ["openid"])
    if "openid" not in scopes or not all(re.fullmatch(r"[!#-\[\]-~]+", one) for one in scopes):
        raise BadDescription(f"{here}: scopes must hold openid, and each is one word.")
    file = told.get("authorities_file")
    return Provider(
        name=path.stem,
        title=_text(here, told, "title"),
        expected=expected,
        proof=proof,
        secret=_secret(here, path.parent / _text(here, told, "secret_file"), proof),
        ask_own_factor=ask,
        scopes=" ".join(scopes),
        authorities_file=None if file is None else path.parent / str(file),
    )


def is_safe(address: object) -> bool:
    """https, or this machine; no name and password in it. What a discovery document points to is held to it too."""
    if not isinstance(address, str) or not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if not host or parts.username is not None or parts.password is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_here(host))


def is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _secret(here: str, path: Path, proof: str) -> str:
    """The message names the file of the description, and no content."""
    if not path.is_file():
        raise BadDescription(f"{here}: secret_file names no file beside it.")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise BadDescription(
            f"{here}: the secret's file may be read by others. Let its owner alone read it (mode 0600)."
        )
    text = path.read_text("utf-8").strip()
    if not text:
        raise BadDescription(f"{here}: the secret's file is empty.")
    if proof == "key":
        try:
            jwk = cast("dict[str, Any]", json.loads(text))
            private = _KINDS[jwk["kty"]].import_key(jwk).is_private
        except (ValueError, KeyError, TypeError, JoseError):
            private = False
        if not private:
            raise BadDescription(f"{here}: with proof = key the secret's file holds a private JSON Web Key.")
    return text


def _algorithms(here: str, told: Mapping[str, object]) -> frozenset[str]:
    named = frozenset(_texts(here, told, "algorithms", ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]))
    if not named or named - ALGORITHMS:
        raise BadDescription(f"{here}: algorithms are of {', '.join(sorted(ALGORITHMS))}.")
    return named


def _text(here: str, told: Mapping[str, object], word: str, usual: str | None = None) -> str:
    found = told.get(word, usual)
    if not isinstance(found, str) or not found.strip() or not found.isprintable():
        raise BadDescription(f"{here}: {word} is missing, or no text.")
    return found


def _texts(here: str, told: Mapping[str, object], word: str, usual: list[str]) -> list[str]:
    found = told.get(word, usual)
    if not isinstance(found, list) or not all(isinstance(one, str) and one for one in cast("list[object]", found)):
        raise BadDescription(f"{here}: {word} is a list of texts.")
    return cast("list[str]", found)


def _count(here: str, told: Mapping[str, object], word: str, usual: int, least: int, most: int) -> int:
    found = told.get(word, usual)
    if not isinstance(found, int) or isinstance(found, bool) or not least <= found <= most:
        raise BadDescription(f"{here}: {word} is a whole number from {least} to {most}.")
    return found
