"""A small invented nation in the plain form, to be spoilt at will."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pumphandle.geography import country, describe
from pumphandle.geography.country import Country

PLAIN = Path(__file__).parents[2] / "data" / "plain_nation"
Spoil = Callable[[str, str, str], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The nation's files, in a folder of this test's own."""
    return Path(shutil.copytree(PLAIN, tmp_path / "plain"))


@pytest.fixture
def spoil(folder: Path) -> Spoil:
    """spoil(file, what stands there, what shall): the test fails when it does not stand there."""

    def replace(file: str, old: str, new: str) -> None:
        content = (folder / file).read_text(encoding="utf-8")
        assert old in content
        (folder / file).write_text(content.replace(old, new, 1), encoding="utf-8")

    return replace


@pytest.fixture
def read(folder: Path) -> Callable[[], Country]:
    """Reads the nation as it lies in the folder now."""

    def read_now() -> Country:
        chosen = describe.choose(folder, descriptions=folder / "none")
        return country.read(chosen.description, chosen.files, progress=lambda _: None)

    return read_now
