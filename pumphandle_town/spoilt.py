"""Files spoilt by chance: bytes flipped, lost, doubled, cut, pieces exchanged. For what must neither crash nor hang."""

from collections.abc import Callable
from typing import Final

import numpy as np

MARKS: Final = (
    b'"',
    b"|",
    b"^",
    b"\r",
    b"\n",
    b",",
    b"\x00",
    b"\xff",
    b"\\",
    b"{",
    b"}",
    b"~",
    b"&",
    b"'",
    b"\xe2\x80\xa8",
)


def spoilt(content: bytes, rng: np.random.Generator) -> bytes:
    """The content after one to four mishaps."""
    ways: tuple[Callable[[bytes, np.random.Generator], bytes], ...] = (
        _flip, _lose, _double, _cut, _mark, _exchange, _digits,
    )  # fmt: skip
    for _ in range(int(rng.integers(1, 5))):
        content = ways[int(rng.integers(0, len(ways)))](content, rng)
    return content


def _place(content: bytes, rng: np.random.Generator) -> int:
    return int(rng.integers(0, max(1, len(content))))


def _flip(content: bytes, rng: np.random.Generator) -> bytes:
    at = _place(content, rng)
    return content[:at] + bytes([int(rng.integers(0, 256))]) + content[at + 1 :]


def _lose(content: bytes, rng: np.random.Generator) -> bytes:
    at = _place(content, rng)
    return content[:at] + content[at + int(rng.integers(1, 40)) :]


def _double(content: bytes, rng: np.random.Generator) -> bytes:
    at, many = _place(content, rng), int(rng.integers(1, 60))
    return content[: at + many] + content[at:]


def _cut(content: bytes, rng: np.random.Generator) -> bytes:
    return content[: _place(content, rng)]


def _mark(content: bytes, rng: np.random.Generator) -> bytes:
    at = _place(content, rng)
    return content[:at] + MARKS[int(rng.integers(0, len(MARKS)))] * int(rng.integers(1, 4)) + content[at:]


def _exchange(content: bytes, rng: np.random.Generator) -> bytes:
    first, second = sorted((_place(content, rng), _place(content, rng)))
    return content[second:] + content[first:second] + content[:first]


def _digits(content: bytes, rng: np.random.Generator) -> bytes:
    digit = str(int(rng.integers(0, 10))).encode()
    return content.replace(digit, MARKS[int(rng.integers(0, len(MARKS)))], int(rng.integers(1, 3)))
