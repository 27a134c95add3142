"""Putting a package where an authority receives it: whole or not at all, and twice is as once.

A name follows from authority and day, so a package that was put before a crash is put again under the same name.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import asyncssh
import obstore
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from obstore.exceptions import BaseError
from obstore.store import S3Store

from pumphandle.vocabulary.errors import NotUnderstood, PumphandleError

PATIENCE: Final = 30
"""Seconds for one connection."""

NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "folder": ("path",),
    "sftp": ("host", "port", "user", "host_key", "path"),
    "bucket": ("endpoint", "bucket", "access_key", "region", "prefix"),
}
"""What an address of each kind must say. Secrets are never among it."""


class NotReceived(PumphandleError):
    """The other side did not take it; the message is a code, because the other side's words could hold anything."""


@dataclass(frozen=True)
class Secrets:
    """folder : keys of the house; sftp.key is its own SSH key, receivers/<authority>-<name>.secret a bucket's"""

    folder: Path

    def ssh_key(self) -> Path:
        """The house's SSH key, made at first use; receivers are told its public half."""
        path = self.folder / "sftp.key"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            key = Ed25519PrivateKey.generate()
            path.touch(mode=0o600)
            path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
            public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
            path.with_suffix(".pub").write_bytes(public + b" pumphandle\n")
        return path

    def bucket_secret(self, authority: str, name: str) -> str:
        path = self.folder / "receivers" / f"{authority}-{name}.secret"
        if not path.exists():
            raise NotReceived("no_secret")
        return path.read_text("utf-8").strip()


@dataclass(frozen=True)
class Place:
    """One receiver of one authority."""

    authority: str
    name: str
    kind: str
    address: Mapping[str, str] = field(repr=False)


def check_address(kind: str, address: Mapping[str, str]) -> None:
    """Raises NotUnderstood for an unknown kind, or an address that says too little or too much."""
    if kind not in NEEDED:
        raise NotUnderstood(f"{kind} is no way to receive: folder, sftp or bucket is.")
    missing = [word for word in NEEDED[kind] if not address.get(word)]
    unknown = sorted(set(address) - set(NEEDED[kind]))
    if missing or unknown:
        raise NotUnderstood(
            f"A receiver of kind {kind} needs {', '.join(NEEDED[kind])}"
            + (f"; missing: {', '.join(missing)}" if missing else "")
            + (f"; unknown: {', '.join(unknown)}" if unknown else "")
            + "."
        )


def put(place: Place, file_name: str, content: bytes, secrets: Secrets) -> None:
    """Raises NotReceived with the code of what went wrong."""
    match place.kind:
        case "folder":
            _put_in_folder(Path(place.address["path"]), file_name, content)
        case "sftp":
            _in_time(_put_by_sftp(place.address, file_name, content, secrets.ssh_key()))
        case "bucket":
            _put_in_bucket(place, file_name, content, secrets)
        case _:
            raise NotReceived("unknown_kind")


def _put_in_folder(folder: Path, file_name: str, content: bytes) -> None:
    try:
        part = folder / f".{file_name}.part"
        part.write_bytes(content)
        part.replace(folder / file_name)
    except OSError as failure:
        raise NotReceived(f"folder_{type(failure).__name__}") from None


async def _put_by_sftp(address: Mapping[str, str], file_name: str, content: bytes, key: Path) -> None:
    """The server must show the key that was agreed; the file appears under its name only when it is whole."""
    host_key = asyncssh.import_public_key(address["host_key"])
    try:
        async with (
            asyncssh.connect(
                address["host"],
                int(address["port"]),
                username=address["user"],
                client_keys=[str(key)],
                known_hosts=([host_key], [], []),
                config=None,
                agent_path=None,
            ) as connection,
            connection.start_sftp_client() as client,
        ):
            target = f"{address['path'].rstrip('/')}/{file_name}"
            async with client.open(f"{target}.part", "wb") as file:
                await file.write(content)
            await client.posix_rename(f"{target}.part", target)
    except (OSError, asyncssh.Error) as failure:
        raise NotReceived(f"sftp_{type(failure).__name__}") from None


def _in_time(work: Coroutine[None, None, None]) -> None:
    async def within() -> None:
        try:
            await asyncio.wait_for(work, PATIENCE)
        except TimeoutError:
            raise NotReceived("sftp_timeout") from None

    asyncio.run(within())


def _put_in_bucket(place: Place, file_name: str, content: bytes, secrets: Secrets) -> None:
    address = place.address
    store = S3Store(
        address["bucket"],
        endpoint=address["endpoint"],
        access_key_id=address["access_key"],
        secret_access_key=secrets.bucket_secret(place.authority, place.name),
        region=address["region"],
        virtual_hosted_style_request=False,
        client_options={"allow_http": address["endpoint"].startswith("http://"), "timeout": f"{PATIENCE}s"},
        retry_config={"max_retries": 0},
    )
    try:
        obstore.put(store, f"{address['prefix'].strip('/')}/{file_name}", content)
    except (BaseError, OSError) as failure:
        raise NotReceived(f"bucket_{type(failure).__name__}") from None
