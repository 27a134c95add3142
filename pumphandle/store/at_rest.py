"""What is kept at the sender lies under keys of its own, one an authority and month.

A file of the house holds each key, and nothing else does: no database and no dump. Destroying it closes every copy that
was ever made of what was written under it, wherever that copy is.
"""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pumphandle.store.keys import secret
from pumphandle.vocabulary.errors import Broken, NotFound

MARK: Final = b"PHREST1\n"
"""Begins what was written under a key; packages of earlier versions of the house have none."""
BACKUPS: Final = "backups"
"""In the place of an authority: copies of the whole house."""
_NONCE: Final = 12
_PART: Final = 1 << 20


@dataclass(frozen=True)
class AtRest:
    """folder : where packages lie; keys : a folder for each authority, with a file for each month"""

    folder: Path
    keys: Path

    def put(self, authority: str, day: date, sealed: bytes) -> str:
        """The file's name below the folder. Written whole or not at all; a second one takes the first one's place."""
        name = f"{authority}/{day}.tar.age"
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        nonce = secrets.token_bytes(_NONCE)
        closed = AESGCM(self._made(authority, day)).encrypt(nonce, sealed, name.encode())
        part = target.with_suffix(".part")
        part.write_bytes(MARK + nonce + closed)
        part.replace(target)
        return name

    def read(self, name: str) -> bytes:
        """What was put. Raises NotFound where it is no longer kept, Broken for a file that is not what was written."""
        try:
            content = (self.folder / name).read_bytes()
        except FileNotFoundError:
            raise NotFound("The package is not in its place, or is no longer kept.") from None
        if not content.startswith(MARK):
            return content
        authority, file = name.split("/", 1)
        key = self._known(authority, date.fromisoformat(file[:10]))
        rest = content[len(MARK) :]
        try:
            return AESGCM(key).decrypt(rest[:_NONCE], rest[_NONCE:], name.encode())
        except InvalidTag:
            raise Broken("A package at rest is not what was written.") from None

    def erase(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)

    def destroy(self, authority: str, month: date) -> None:
        """The key of a month: written over, then removed. Again is nothing."""
        path = self._path(authority, month)
        if not path.exists():
            return
        with path.open("r+b") as stream:
            stream.write(secrets.token_bytes(path.stat().st_size))
            stream.flush()
            os.fsync(stream.fileno())
        path.unlink()

    def write_backup(self, source: Iterator[bytes], target: IO[bytes], day: date) -> int:
        """A copy of the house, part by part under the month's key of backups. Returns bytes of plain text."""
        cipher, prefix, size = AESGCM(self._made(BACKUPS, day)), secrets.token_bytes(_NONCE - 4), 0
        target.write(MARK + str(day.replace(day=1)).encode() + prefix)
        number = 0
        for number, part in enumerate(source, start=1):
            _write_part(target, cipher.encrypt(prefix + number.to_bytes(4), part, b"more"))
            size += len(part)
        _write_part(target, cipher.encrypt(prefix + (number + 1).to_bytes(4), b"", b"last"))
        return size

    def open_backup(self, source: IO[bytes]) -> Iterator[bytes]:
        """Raises NotFound once the month's key is destroyed, Broken for a copy that was changed or cut off."""
        head = source.read(len(MARK) + 10 + _NONCE - 4)
        if not head.startswith(MARK):
            raise Broken("This is no backup of the house.")
        try:
            month = date.fromisoformat(head[len(MARK) :][:10].decode("ascii"))
        except ValueError:
            raise Broken("The backup is not what was written, or was cut off.") from None
        cipher, prefix = AESGCM(self._known(BACKUPS, month)), head[-(_NONCE - 4) :]
        number, part = 0, _read_part(source)
        while part is not None:
            number += 1
            following = _read_part(source)
            try:
                plain = cipher.decrypt(prefix + number.to_bytes(4), part, b"last" if following is None else b"more")
            except InvalidTag:
                raise Broken("The backup is not what was written, or was cut off.") from None
            yield plain
            part = following
        if number == 0:
            raise Broken("The backup is not what was written, or was cut off.")

    def _made(self, authority: str, day: date) -> bytes:
        path = self._path(authority, day)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return secret(path, secrets.token_bytes(32))

    def _known(self, authority: str, day: date) -> bytes:
        try:
            return self._path(authority, day).read_bytes()
        except FileNotFoundError:
            raise NotFound("Its key was destroyed: what was written under it can be opened by nobody.") from None

    def _path(self, authority: str, day: date) -> Path:
        return self.keys / authority / f"{day:%Y-%m}.key"


def beside(folder: Path) -> AtRest:
    """Keys of what lies in the house's folder of packages: in the house's keys, apart from every dump and package."""
    return AtRest(folder, folder.parent / "keys" / "resting")


def parts_of(stream: IO[bytes]) -> Iterator[bytes]:
    while part := stream.read(_PART):
        yield part


def _write_part(target: IO[bytes], closed: bytes) -> None:
    target.write(len(closed).to_bytes(4) + closed)


def _read_part(source: IO[bytes]) -> bytes | None:
    size = source.read(4)
    return source.read(int.from_bytes(size)) if len(size) == 4 else None
