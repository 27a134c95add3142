"""The nation's own secrets, as files that only their owner may read."""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


@dataclass(frozen=True)
class Keys:
    """pseudonym : 32 bytes, without which no person key can be minted or recognised; signer : signs every package."""

    pseudonym: bytes = field(repr=False)
    signer: Ed25519PrivateKey = field(repr=False)


def keys(folder: Path) -> Keys:
    """Read the keys; the first time, make them. Losing them loses the link to every person: back the folder up."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    pseudonym = secret(folder / "pseudonym.key", secrets.token_bytes(32))
    made = Ed25519PrivateKey.generate()
    signing = secret(folder / "signing.key", made.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
    signer = Ed25519PrivateKey.from_private_bytes(signing)
    public = folder / "signing.pub"
    if not public.exists():
        public.write_text(signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex() + "\n", "ascii")
    return Keys(pseudonym=pseudonym, signer=signer)


def second_factor_key(folder: Path) -> bytes:
    """32 bytes that second factors are sealed with; made at first use. The console is told this key and no other."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return secret(folder / "second-factor.key", secrets.token_bytes(32))


def keep_secret(path: Path, content: str) -> None:
    """Write a file that did not exist before, for its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as stream:
        stream.write(content)


def secret(path: Path, fresh: bytes) -> bytes:
    """The content of a 32-byte secret; made whole or not at all."""
    if not path.exists():
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(fresh)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    return path.read_bytes()
