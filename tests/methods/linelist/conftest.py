"""One feed contract, and a maker of files that keep or break it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pumphandle.linelist.feeds import FeedContract, Rows

HEADER = "Accession,NHS No,Surname,Forename,Born,Sex,Address,Postcode,Taken,Test,Result,State"
COLUMNS = {
    "specimen_id": "Accession",
    "national_id": "NHS No",
    "family_name": "Surname",
    "given_name": "Forename",
    "date_of_birth": "Born",
    "sex": "Sex",
    "address": "Address",
    "postcode": "Postcode",
    "specimen_date": "Taken",
    "pathogen": "Test",
    "result": "Result",
    "status": "State",
}
CODES = {
    "pathogen": {"94500-6": "sars_cov_2"},
    "result": {"DETECTED": "positive", "NOT DETECTED": "negative"},
    "sex": {"F": "female", "M": "male"},
    "status": {"F": "final", "C": "corrected", "X": "withdrawn"},
}


@pytest.fixture
def make_contract() -> Callable[..., FeedContract]:
    def make(*, trailer: str | None = "END", encoding: str = "utf-8", refuse_above: float = 0.25) -> FeedContract:
        return FeedContract(
            laboratory="northgate",
            name="Northgate Pathology",
            files="northgate_*.csv",
            format="csv",
            encoding=encoding,
            delimiter=",",
            dates="%Y-%m-%d",
            time_zone="Europe/London",
            refuse_above=refuse_above,
            rows=Rows(minimum=1, maximum=1000),
            columns=COLUMNS,
            codes=CODES,
            trailer=trailer,
        )

    return make


@pytest.fixture
def good_line() -> Callable[..., str]:
    """A line of the contract; any cell can be set by our field's name."""

    def line(number: int = 1, **cells: str) -> str:
        values = {
            "specimen_id": f"N-{number}",
            "national_id": "9990000018",
            "family_name": "Quill",
            "given_name": "Ada",
            "date_of_birth": "1980-02-29",
            "sex": "F",
            "address": '"1 Mill Lane, Flat 2"',
            "postcode": "QA1 1AA",
            "specimen_date": "2020-06-01",
            "pathogen": "94500-6",
            "result": "DETECTED",
            "status": "F",
        } | cells
        return ",".join(values[field] for field in COLUMNS)

    return line


@pytest.fixture
def make_file(tmp_path: Path) -> Callable[..., Path]:
    def make(*lines: str, header: str = HEADER, trailer: str | None = None, encoding: str = "utf-8") -> Path:
        path = tmp_path / "northgate_20200601.csv"
        end = f"END,{len(lines)}" if trailer is None else trailer
        path.write_bytes("".join(f"{line}\n" for line in [header, *lines, *([end] if end else [])]).encode(encoding))
        return path

    return make
