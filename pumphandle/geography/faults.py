"""A fault in a nation's description or its files, always with the place and the remedy."""

from pumphandle.vocabulary.errors import BadDescription


def fault(what: str, *, file: str, remedy: str, line: int | None = None, field: str | None = None) -> BadDescription:
    """The error to raise.

    line : from 1 with the header; in GeoJSON the feature's place and in Parquet the row's, from 1
    """
    place = file
    if line is not None:
        word = "feature" if ".geojson" in file else "row" if file.endswith(".parquet") else "line"
        place += f", {word} {line}"
    if field is not None:
        place += f", field {field}"
    return BadDescription(f"{place}: {what}. {remedy}")
