"""Which code made a finding: the version of the programs that findings depend on, as a hash of their text."""

from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.resources.abc import Traversable

PARTS = ("compiled.py", "detection", "geography/metres.py")
LIBRARIES = ("numpy", "scipy", "numba")


@cache
def code_version() -> str:
    """12 hexadecimal digits: equal texts and equal versions of the numerical libraries, equal findings."""
    root = files("pumphandle")
    text = sha256()
    for part in PARTS:
        for name, content in _texts(root.joinpath(part), part):
            text.update(f"{name}\0{len(content)}\0".encode() + content)
    for name in LIBRARIES:
        text.update(f"{name} {_version(name)}\0".encode())
    return text.hexdigest()[:12]


def _texts(place: Traversable, name: str) -> list[tuple[str, bytes]]:
    if place.is_file():
        return [(name, place.read_bytes())] if name.endswith(".py") else []
    found = [one for child in place.iterdir() for one in _texts(child, f"{name}/{child.name}")]
    return sorted(found)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
