"""A parcel for another program, of made-up people."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from pumphandle.delivery.interchange import CaseCluster, CaseLink, NamedContact, Parcel

A, B, OTHER = (f"00000000-0000-0000-0000-00000000000{end}" for end in "12f")
MARK = "X1 · Rowan Director · NOR"


@dataclass(frozen=True)
class Case:
    record_key: str
    family_name: str | None = "Quill"
    given_name: str | None = "Ada"
    household_key: str = "h"
    date_of_birth: date | None = date(1980, 2, 1)
    sex: str = "female"
    age_band: str = "25-44"
    address: str | None = "1 Mill Lane"
    postcode: str | None = "ND21AA"
    small_area: str | None = "N2"
    specimen_date: date = date(2020, 6, 29)
    report_date: date = date(2020, 6, 30)
    pathogen: str = "sars_cov_2"
    result: str = "positive"
    laboratory: str = "northlab"
    setting_kind: str | None = None
    phone: str | None = None
    national_id: str | None = None


PARCEL = Parcel(
    cases=[Case(A), Case(B, family_name=None, given_name=None, date_of_birth=None, address=None, sex="unknown")],
    contacts=[
        NamedContact(
            "00000000-0000-0000-0000-0000000000c1", A, "=Quill", "Kim", None, "07700 900001", None, None, None,
            "household", date(2020, 6, 28), "isolating", datetime(2020, 6, 30, 12, tzinfo=UTC),
        )
    ],
    links=[CaseLink("same_place", A, B, date(2020, 6, 29), "moderate")],
    clusters=[CaseCluster("NOR/2020-06-30/sars_cov_2/1", "Oldchurch: 3 cases.", [A, B, OTHER])],
)  # fmt: skip
