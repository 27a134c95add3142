"""A situation report on paper: a tagged PDF that can be read aloud (PDF/UA-1), the same bytes for the same data."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import typst

TEMPLATE: Final = Path(__file__).parent / "reports" / "situation.typ"


@dataclass(frozen=True)
class Part:
    """One section. numbers : columns after the first are numbers; alt : what the picture shows, in words"""

    heading: str
    sentences: Sequence[str] = ()
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    numbers: bool = True
    svg: str | None = None
    alt: str | None = None


@dataclass(frozen=True)
class Report:
    """footer : stands on every page"""

    title: str
    lead: str
    footer: str
    parts: Sequence[Part] = field(default_factory=tuple)


def as_pdf(report: Report, *, made_at: datetime) -> bytes:
    """Everything is handed over as data, so that a name with marks in it stays a name."""
    told: dict[str, Any] = asdict(report)
    for part in told["parts"]:
        if part["svg"] is None:
            del part["svg"]
    return typst.compile(
        TEMPLATE.read_bytes(),
        sys_inputs={"report": json.dumps(told)},
        pdf_standards=["ua-1"],
        timestamp=made_at,
        ignore_system_fonts=True,
    )
