"""One way to make pages for both front doors: everything is escaped, and a missing value is an error."""

from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response
from litestar.enums import MediaType

ABSENT: Final = "–"
"""Shown where a record has no value, so that an empty cell is never mistaken for a fault of the page."""


def environment(folder: Path) -> Environment:
    """Templates of one door. Autoescape on; an undefined name raises; filters as below."""
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(day=day, short_day=short_day, weekday=weekday, moment=moment)
    made.filters.update(whole=whole, percent=percent, size=size, words=words)
    return made


def page(environment: Environment, template: str, *, status: int = 200, **context: Any) -> Response[str]:
    """One rendered page."""
    body = environment.get_template(template).render(**context)
    return Response(body, status_code=status, media_type=MediaType.HTML)


def day(value: date | None) -> str:
    """30 June 2020"""
    return ABSENT if value is None else f"{value.day} {value:%B %Y}"


def short_day(value: date | None) -> str:
    """30 Jun 2020"""
    return ABSENT if value is None else f"{value.day} {value:%b %Y}"


def weekday(value: date) -> str:
    """Tuesday"""
    return f"{value:%A}"


def moment(value: datetime | None, *, zone: tzinfo | None = None) -> str:
    """30 Jun 2020, 07:15 BST; without a zone, in the one that the moment carries"""
    if value is None:
        return ABSENT
    there = value.astimezone(zone) if zone else value
    return f"{short_day(there)}, {there:%H:%M %Z}".rstrip()


def whole(value: float | None) -> str:
    """12,345"""
    return ABSENT if value is None else f"{round(value):,}"


def percent(value: float | None) -> str:
    """4.2% of a share of 0.042"""
    return ABSENT if value is None else f"{100 * value:.1f}%"


def size(value: int) -> str:
    """1,234 bytes -> 1.2 kB; a kB is 1,000 bytes"""
    if value < 1_000:
        return f"{value} bytes"
    return f"{value / 1_000:.1f} kB" if value < 1_000_000 else f"{value / 1_000_000:.1f} MB"


def words(value: str) -> str:
    """sars_cov_2 -> sars cov 2: a code made readable where no better name is known."""
    return value.replace("_", " ")
