"""Answers about releases: which there are, and what each sealed."""

from typing import Final

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from pumphandle.publication.edition import Release
from pumphandle.publication.feed import Entry, atom, entries
from pumphandle.publication.formats import csv_bytes, manifest_bytes
from pumphandle.publication.public_files import changelog_json, releases_json
from pumphandle.publication.release import BLOCK_COLUMNS
from pumphandle.vocabulary.errors import NotFound
from pumphandle.web.errors import WebRequest
from pumphandle.web.public.answers import CSV, JSON
from pumphandle.web.public.desk import Desk
from pumphandle.web.public.parameters import STANDING
from pumphandle.web.public.visit import Visit

RELEASE_FILES: Final = {
    "manifest.json": (JSON, "What the release's hash seals"),
    "certificate.json": (JSON, "What the attacker tried, and what was found"),
    "blocks.csv": (CSV, "The windows that the release added"),
}
"""Name -> media type and what it holds."""

ATOM: Final = "application/atom+xml"

Answer = Response[bytes]


@get("/releases.json", sync_to_thread=True)
def releases(request: WebRequest, desk: NamedDependency[Desk]) -> Answer:
    """What identifies every release, newest first, with links to its manifest."""
    visit, asked = desk.ask(request, STANDING)
    return desk.answer(request, visit, asked, lambda: releases_json(_until(visit)), media_type=JSON)


def _until(visit: Visit) -> tuple[Release, ...]:
    return visit.shelf.releases[: visit.release.sequence]


@get("/releases.atom", sync_to_thread=True)
def feed(request: WebRequest, desk: NamedDependency[Desk]) -> Answer:
    """The newest releases, and what changed in the rule, as an Atom feed."""
    visit, asked = desk.ask(request, ())
    return desk.answer(
        request,
        visit,
        asked,
        lambda: atom(entries(visit.shelf.releases, _decided(visit)), nation=visit.shelf.atlas.nation),
        media_type=ATOM,
    )


@get("/changelog.json", sync_to_thread=True)
def changelog(request: WebRequest, desk: NamedDependency[Desk]) -> Answer:
    """Everything that happened to what is published, newest first."""
    visit, asked = desk.ask(request, STANDING)
    return desk.answer(request, visit, asked, lambda: changelog_json(_until(visit), _decided(visit)), media_type=JSON)


def _decided(visit: Visit) -> list[Entry]:
    """What people decided; for an earlier release what they had decided when the next one was made."""
    shelf = visit.shelf
    names = {code: place.name for code, place in shelf.atlas.places.items()}
    later = shelf.releases[visit.release.sequence :]
    return [one for one in shelf.register.told(names) if not later or one.at <= later[0].made_at]


@get("/releases/{release_id:str}/{name:str}", sync_to_thread=True)
def release_file(
    request: WebRequest, release_id: FromPath[str], name: FromPath[str], desk: NamedDependency[Desk]
) -> Answer:
    """The SHA-256 of manifest.json is the release's hash; it names the SHA-256 of certificate.json and blocks.csv."""
    visit, asked = desk.ask(request, ())
    one = visit.shelf.release(release_id)
    makers = {
        "manifest.json": lambda: manifest_bytes(one.manifest),
        "certificate.json": lambda: manifest_bytes(one.certificate),
        "blocks.csv": lambda: csv_bytes(visit.shelf.rows_of(one).select(BLOCK_COLUMNS)),
    }
    if name not in makers:
        raise NotFound(f"A release has {', '.join(makers)}, and nothing named {name[:40]!r}.")
    return desk.answer(request, visit, asked, makers[name], media_type=RELEASE_FILES[name][0])
