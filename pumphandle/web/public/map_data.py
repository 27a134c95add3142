"""What the map of all small areas fetches: shapes once a vintage, texts a day, classes of many days a release."""

from datetime import timedelta

from litestar import Response, get
from litestar.di import NamedDependency

from pumphandle.publication.charts import LONGEST
from pumphandle.publication.map_classes import area_classes, as_texts, classes, units
from pumphandle.publication.map_file import shapes_file
from pumphandle.publication.map_picture import Paper, pictures
from pumphandle.publication.records import envelope
from pumphandle.publication.windows_shown import label
from pumphandle.vocabulary.places import AreaLevel
from pumphandle.web.errors import WebRequest
from pumphandle.web.public.answers import JSON
from pumphandle.web.public.asking import Asked
from pumphandle.web.public.desk import Desk
from pumphandle.web.public.maps import shapes_digest, small_areas
from pumphandle.web.public.visit import Visit

Answer = Response[bytes]
BINARY = "application/octet-stream"
SHAPES = "/map/shapes.bin"


@get(SHAPES, sync_to_thread=True, summary="Shapes of all small areas in one compact file")
def shapes(request: WebRequest, desk: NamedDependency[Desk]) -> Answer:
    """Described in `pumphandle/publication/map_file.py`; /areas.geojson is the same for other programs."""
    visit = desk.visit(Asked())
    digest = shapes_digest(visit)
    return desk.answers.send(
        request,
        lambda: _shapes(visit),
        address=SHAPES,
        standing_on=digest,
        settled=request.query_params.get("v") == digest,
        media_type=BINARY,
    )


def still(desk: Desk, visit: Visit, paper: Paper) -> bytes:
    """The map of one day as a picture."""
    codes = small_areas(visit)
    found = area_classes(desk.edition(visit), visit.asked.measure, visit.day, codes)
    return pictures(desk.land(visit), [found[code] for code in codes])[paper]


def prepare(desk: Desk, visit: Visit) -> None:
    """What the first page needs, of a state that nobody is shown yet: of a large nation it takes seconds."""
    desk.edition(visit)
    if small_areas(visit):
        desk.land(visit)
        desk.answers.prepare(lambda: _shapes(visit), address=SHAPES, standing_on=shapes_digest(visit))


def _shapes(visit: Visit) -> bytes:
    atlas, paths = visit.shelf.atlas, visit.shelf.paths[AreaLevel.SMALL_AREA]
    districts = {code: atlas.places[code].parent or "" for code in paths}
    return shapes_file(
        paths, districts, visit.shelf.view, about={"vintage": atlas.vintage, "attribution": atlas.attribution}
    )


@get("/map/labels.json", sync_to_thread=True, summary="What the map says of each small area on one day")
def labels(request: WebRequest, desk: NamedDependency[Desk], wish: NamedDependency[Asked]) -> Answer:
    """One text an area, a line each for its name, cases, tests and both together."""
    visit = desk.visit(wish)
    edition = desk.edition(visit)

    def make() -> bytes:
        codes = small_areas(visit)
        texts = [label(edition, code, visit.day, wish.words) for code in codes]
        return envelope(visit.release, {"day": visit.day, "areas": codes, "labels": texts}, {})

    return desk.send(request, visit, make, path="/map/labels.json", media_type=JSON)


@get("/map/days.json", sync_to_thread=True, summary="Map classes of all small areas on many days")
def days(request: WebRequest, desk: NamedDependency[Desk], wish: NamedDependency[Asked]) -> Answer:
    """For each day one string, one character an area in the order of `areas`: a class from 0 or a code."""
    visit = desk.visit(wish)
    edition = desk.edition(visit)

    def make() -> bytes:
        length = min(LONGEST, (visit.release.as_of - visit.shelf.start).days + 1)
        shown = [visit.release.as_of - timedelta(days=back) for back in reversed(range(length))]
        drawn = units(visit.shelf.atlas, small_areas(visit))
        columns = as_texts(classes(edition, visit.asked.measure, shown, drawn))
        areas = [list(together) for together in drawn.areas]
        return envelope(visit.release, {"days": shown, "areas": areas, "classes": columns}, {})

    return desk.send(request, visit, make, path="/map/days.json", media_type=JSON)
