"""An area whose own name is a bare code bears what people call it."""

from pathlib import Path

from pumphandle.geography import country, describe


def test_suburbs_stand_behind_the_postcode(shared: Path) -> None:
    described = describe.read(Path(__file__).parents[3] / "nations" / "nsw" / "nation.toml")
    names = (
        country.read(described, shared / "data" / "nsw", progress=lambda _: None)
        .areas.select("area_code", "name")
        .rows()
    )
    assert dict(names)["2049"] == "2049 Lewisham, Petersham"
    assert dict(names)["2000"] == "2000 Barangaroo, Dawes Point, Haymarket …"
