"""The same seed makes the same bytes; another seed makes another country."""

from datetime import date
from hashlib import sha256
from pathlib import Path

from pumphandle_town.country import Folders, make


def made(root: Path, seed: int) -> dict[str, str]:
    folders = Folders(root / "nation", root / "inbox", root / "truth")
    make(20_000, 12, seed=seed, start=date(2020, 6, 1), folders=folders, people_truth=True, tell=lambda _: None)
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): sha256(path.read_bytes()).hexdigest() for path in files}


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    one, two = made(tmp_path / "one", 7), made(tmp_path / "two", 7)
    assert len(one) > 50
    assert one == two


def test_another_seed_another_country(tmp_path: Path) -> None:
    one, two = made(tmp_path / "one", 7), made(tmp_path / "two", 8)
    assert one["nation/boundaries.geojson"] != two["nation/boundaries.geojson"]
    assert one["truth/cells.csv"] != two["truth/cells.csv"]
