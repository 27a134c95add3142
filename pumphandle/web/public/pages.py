"""Pages for people. Each works without script, and its address is its only state."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from pumphandle.publication.charts import chart
from pumphandle.publication.codes import CODES
from pumphandle.publication.tables import DICTIONARY
from pumphandle.publication.windows_shown import few
from pumphandle.store.published.register import Note
from pumphandle.vocabulary.errors import NotFound, NotUnderstood
from pumphandle.vocabulary.places import AreaLevel
from pumphandle.web.errors import WebRequest
from pumphandle.web.public import views
from pumphandle.web.public.answers import HTML
from pumphandle.web.public.asking import LONGEST, Asked
from pumphandle.web.public.desk import Desk
from pumphandle.web.public.status import area_status, holds_about
from pumphandle.web.public.visit import Visit

Page = Response[bytes]

MOST_COMPARED: Final = 6
"""More charts side by side are a league table."""
FRAMED: Final = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors *"

RULE_WORDS: Final = {
    "k_persons": "People in a window, at least",
    "h_households": "Households in a window, at least",
    "population_floor": "Residents of what is published together, at least",
    "pool_days": "Days after which an open window closes together with its neighbours'",
    "rest_percent": "Of 100 days, those on which a district's own window rests by lot",
}
CERTIFICATE_WORDS: Final = {
    "districts": "Districts attacked",
    "wide_pools": "Numbers about several districts together, attacked as one",
    "small_counts": "Counts below the rule that stay hidden",
    "derivable_few": "Of them, how many anyone could work out",
    "linear_programs": "Linear programs solved",
    "integer_programs": "Integer programs solved",
    "held_by_audit": "Windows that the attack kept from going out",
    "blocks": "Windows examined",
    "windows_open": "Windows that stay open",
    "smallest_value": "Smallest number that goes out",
    "exact_days": "Windows of one day, known exactly",
    "hidden_days": "Days inside longer windows",
    "narrowest_interval": "Narrowest range left for the count of any such day, in people",
}


@get("/", sync_to_thread=True, include_in_schema=False)
def national(request: WebRequest, desk: NamedDependency[Desk], wish: NamedDependency[Asked]) -> Page:
    """The nation: headline, map, table of districts, search."""
    if desk.visit_or_none() is None:
        return Response(desk.render("empty.html", visit=None, asked=None), media_type=HTML)
    visit = desk.visit(wish)
    edition = desk.edition(visit)
    return desk.page(
        request, visit, "national.html", lambda: vars(views.national(visit, edition, land_drawn=desk.land)), path="/"
    )


@get("/search", sync_to_thread=True, include_in_schema=False)
def search(request: WebRequest, desk: NamedDependency[Desk], wish: NamedDependency[Asked]) -> Page | Redirect:
    """A postcode, a code or a part of a name: one find opens the area, several are listed."""
    text = " ".join(request.query_params.get("q", "").split())
    if not text or len(text) > LONGEST:
        raise NotUnderstood("Write a postcode, or a part of an area's name, into the search field.")
    visit = desk.visit(wish)
    codes = desk.holdings.search(text)
    atlas = visit.shelf.atlas
    found = [atlas.places[code] for code in codes if code in atlas.places]
    if len(found) == 1:
        return Redirect(visit.asked.address(f"/areas/{found[0].code}"), status_code=303)
    body = desk.render(
        "search.html",
        visit=visit,
        asked=visit.asked,
        text=text,
        found=[(place, atlas.level_names[place.level], atlas.line(place.code)) for place in found],
    )
    return Response(body, status_code=200 if found else 404, media_type=HTML, headers={"cache-control": "no-store"})


def area_page(request: WebRequest, desk: Desk, wish: Asked, code: str) -> Page | Redirect:
    """One area; the nation's own page is the first page."""
    visit = desk.visit(wish)
    edition = desk.edition(visit)
    place = visit.shelf.atlas.place(code)
    if place.level is AreaLevel.NATION:
        return Redirect(visit.asked.address("/"), status_code=303)

    def context() -> dict[str, Any]:
        near = desk.holdings.neighbours(code) if place.level is AreaLevel.SMALL_AREA else ()
        decided = {
            "status": area_status(desk, visit, code),
            "held": holds_about(visit, code),
            "notes": _notes(visit, code),
        }
        return vars(views.area(visit, edition, code, neighbours=near)) | decided

    return desk.page(request, visit, "area.html", context, path=f"/areas/{code}")


def _notes(visit: Visit, code: str) -> list[Note]:
    """What councils say of an area and of those that it lies in, the nearest first."""
    notes = visit.shelf.register.notes
    line = [code, *reversed([one.code for one in visit.shelf.atlas.line(code) if one.code != code])]
    return [notes[one] for one in line if one in notes]


@get("/compare", sync_to_thread=True, include_in_schema=False)
def compare(
    desk: NamedDependency[Desk],
    wish: NamedDependency[Asked],
    areas: FromQuery[str] = "",
    add: FromQuery[str] = "",
) -> Page | Redirect:
    """Up to MOST_COMPARED areas, in the order of `areas`; `add` is a postcode, a code or a name."""
    visit = desk.visit(wish)
    edition = desk.edition(visit)
    codes = list(dict.fromkeys(code for code in areas.split(",") if code))
    text = " ".join(add.split())
    if len(areas) > LONGEST * 2 or len(text) > LONGEST or len(codes) > MOST_COMPARED:
        raise NotUnderstood(f"areas can be at most {MOST_COMPARED} codes of areas with commas between them.")
    found = [code for code in desk.holdings.search(text) if code in visit.shelf.atlas.places] if text else []
    if len(found) == 1 and len(codes) < MOST_COMPARED:
        return Redirect(comparison(wish, [*codes, *(code for code in found if code not in codes)]), status_code=303)
    for code in codes:
        visit.shelf.atlas.place(code)
    body = desk.render(
        "compare.html",
        **{
            **vars(views.compare(visit, edition, codes, found)),
            "visit": visit,
            "asked": wish,
            "path": "/compare",
            "text": text,
            "most": MOST_COMPARED,
            "codes": codes,
            "comparison": partial(comparison, wish),
            "more": {"areas": ",".join(codes)},
        },
    )
    return Response(body, media_type=HTML, headers={"cache-control": "no-store"} if text else {})


def comparison(wish: Asked, codes: Sequence[str]) -> str:
    """The address of a comparison."""
    kept = replace(wish, focus=None).query()
    return f"/compare?areas={','.join(codes)}{'&' + kept if kept else ''}"


@get("/embed/{code:str}", sync_to_thread=True, include_in_schema=False)
def embed(request: WebRequest, code: FromPath[str], desk: NamedDependency[Desk], wish: NamedDependency[Asked]) -> Page:
    """A chart for other people's pages: nothing around it, and framed by whoever likes."""
    visit = desk.visit(wish)
    edition = desk.edition(visit)
    visit.shelf.atlas.place(code)
    answer = desk.page(
        request,
        visit,
        "embed.html",
        lambda: vars(views.area(visit, edition, code, neighbours=())),
        path=f"/embed/{code}",
    )
    answer.headers["content-security-policy"] = FRAMED
    return answer


@get("/charts/{name:str}", sync_to_thread=True, include_in_schema=False)
def chart_picture(
    request: WebRequest, name: FromPath[str], desk: NamedDependency[Desk], wish: NamedDependency[Asked]
) -> Page:
    """The chart as a picture that stands alone: CODE.svg."""
    visit = desk.visit(wish)
    edition = desk.edition(visit)
    code, dot, form = name.rpartition(".")
    if not dot or form != "svg":
        raise NotFound("A chart is named by its area's code and .svg.")
    place = visit.shelf.atlas.place(code)
    drawn = chart(edition, code, wish.words)
    if drawn is None:
        raise NotFound(f"Nothing has been published for {place.name} yet.")
    answer = desk.send(
        request,
        visit,
        lambda: desk.render(
            "chart.svg", chart=drawn, place=place, visit=visit, asked=wish, few=few(edition, wish.words)
        ),
        path=f"/charts/{name}",
        media_type="image/svg+xml",
    )
    answer.headers["content-security-policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return answer


@get("/downloads", sync_to_thread=True, include_in_schema=False)
def downloads(request: WebRequest, desk: NamedDependency[Desk], wish: NamedDependency[Asked]) -> Page:
    """Every file, and what its columns mean."""
    visit = desk.visit(wish)
    rows = visit.shelf.rows(visit.release).height
    return desk.page(
        request, visit, "downloads.html", lambda: {"dictionary": DICTIONARY, "rows": rows}, path="/downloads"
    )


@get("/releases", sync_to_thread=True, include_in_schema=False)
def releases(request: WebRequest, desk: NamedDependency[Desk], wish: NamedDependency[Asked]) -> Page:
    """All releases, the newest first."""
    visit = desk.visit(wish)
    return desk.page(
        request,
        visit,
        "releases.html",
        lambda: {"releases": visit.shelf.releases[::-1], "withheld": visit.shelf.withheld},
        path="/releases",
    )


@get("/releases/{release_id:str}", sync_to_thread=True, include_in_schema=False)
def release(
    request: WebRequest, release_id: FromPath[str], desk: NamedDependency[Desk], wish: NamedDependency[Asked]
) -> Page:
    """One release: what it added, its rule, its certificate, its place in the chain."""
    visit = desk.visit(wish)
    one = visit.shelf.release(release_id)
    after = next((later for later in visit.shelf.releases if later.sequence == one.sequence + 1), None)
    before = next((earlier for earlier in visit.shelf.releases if earlier.sequence == one.sequence - 1), None)
    counts = visit.shelf.rows_of(one).group_by("measure").len().sort("measure").rows()
    return desk.page(
        request,
        visit,
        "release.html",
        lambda: {
            "one": one,
            "before": before,
            "after": after,
            "counts": counts,
            "rule": _worded(one.rule, RULE_WORDS),
            "certificate": _worded(one.certificate, CERTIFICATE_WORDS),
        },
        path=f"/releases/{release_id}",
    )


@get("/about", sync_to_thread=True, include_in_schema=False)
def about(request: WebRequest, desk: NamedDependency[Desk], wish: NamedDependency[Asked]) -> Page:
    """What the figures are, and what they are not."""
    visit = desk.visit(wish)
    return desk.page(
        request,
        visit,
        "about.html",
        lambda: {"few": few(desk.edition(visit), wish.words), "codes": tuple(CODES.values())},
        path="/about",
    )


def _worded(given: Mapping[str, Any], words: Mapping[str, str]) -> list[tuple[str, Any]]:
    """In the order of the words; what has none yet comes last, by its own name. Texts and objects stand elsewhere."""
    names = [*words, *sorted(name for name in given if name not in words)]
    plain = (name for name in names if name in given and not isinstance(given[name], str | dict))
    return [(words.get(name, name.replace("_", " ")), given[name]) for name in plain]
