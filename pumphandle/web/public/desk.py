"""Where every handler of the public door turns to: holdings, answers, templates."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar

from jinja2 import Environment
from litestar import Response

from pumphandle.publication.edition import Edition, Shown
from pumphandle.publication.map_picture import Land
from pumphandle.publication.windows_shown import short_period
from pumphandle.vocabulary.errors import BadParameter, NotFound
from pumphandle.web.errors import WebRequest
from pumphandle.web.public.answers import HTML, Answers
from pumphandle.web.public.asking import Asked
from pumphandle.web.public.holdings import Holdings
from pumphandle.web.public.maps import land_of, shapes_digest
from pumphandle.web.public.parameters import Cursor, Given, Parameter, given, query
from pumphandle.web.public.shelf_files import ShelfFiles
from pumphandle.web.public.speaking import LANGUAGE_NAMES, Speaker
from pumphandle.web.public.visit import Visit

HERE: Final = Path(__file__).parent
T = TypeVar("T")


class LastMade:
    """What was made last, by what it was made from: each is work, and is asked for again and again."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: OrderedDict[str, Any] = OrderedDict()
        self._lock = Lock()

    def of(self, key: str, make: Callable[[], T]) -> T:
        with self._lock:
            if key not in self._made:
                self._made[key] = make()
                while len(self._made) > self._most:
                    self._made.popitem(last=False)
            return self._made[key]


@dataclass(frozen=True)
class Desk:
    """`appearance` changes whenever a template, style or script does, and with it every tag.

    judged : areas judged by a rule (web.public.status)
    lands  : pixels of the areas of a vintage (web.public.maps)
    """

    holdings: Holdings
    answers: Answers
    templates: Environment
    appearance: str
    files: ShelfFiles
    judged: LastMade
    lands: LastMade

    def visit(self, wish: Asked) -> Visit:
        """What was asked, resolved. Raises NotFound."""
        shelf = self.holdings.shelf()
        release = shelf.latest()
        if wish.release is not None:
            release = shelf.release(wish.release)
        elif wish.as_of is not None:
            release = shelf.as_of(wish.as_of)
        return Visit(shelf, release, wish, wish.day or release.as_of)

    def ask(self, request: WebRequest, parameters: Sequence[Parameter]) -> tuple[Visit, Given]:
        """What a program asks: which release, and the other parameters. Raises BadParameter, NotFound."""
        asked = given(request, parameters)
        cursor: Cursor | None = asked.get("cursor")
        if cursor is not None and asked.get("release", cursor.release_id) != cursor.release_id:
            raise BadParameter("cursor", "of the release that is asked for")
        release = cursor.release_id if cursor is not None else asked.get("release")
        measure = Shown(asked.get("measure", Shown.CASES))
        wish = Asked(
            measure=measure, day=asked.get("day"), release=release, as_of=asked.get("as_of"), focus=asked.get("focus")
        )
        return self.visit(wish), asked

    def answer(
        self,
        request: WebRequest,
        visit: Visit,
        asked: Given,
        make: Callable[[], bytes],
        *,
        media_type: str,
        file_name: str | None = None,
    ) -> Response[bytes]:
        """An answer for a program; where a file was made of it with the release, that file."""
        path = request.url.path
        if not asked:
            make = self.files.maker(path, visit.shelf, make)
        return self.answers.send(
            request,
            make,
            address=path + query(asked),
            standing_on=self.standing_on(visit),
            settled=visit.asked.settled,
            media_type=media_type,
            file_name=file_name,
            modified=visit.release.made_at,
        )

    def standing_on(self, visit: Visit) -> str:
        """Everything that an answer of this visit was made from."""
        newest = visit.shelf.releases[-1].hash
        shelf = visit.shelf
        beside = f"{shelf.register.mark}.{len(shelf.withheld)}.{len(shelf.tables)}"
        return f"{visit.release.hash} {newest} {beside} {shelf.atlas.vintage} {self.appearance}"

    def land(self, visit: Visit) -> Land:
        """The pixels of all small areas as they are drawn now."""
        return self.lands.of(shapes_digest(visit), lambda: land_of(visit))

    def edition(self, visit: Visit) -> Edition:
        made = self.holdings.edition(visit.shelf, visit.release)
        made.column(visit.day)  # a day outside the release is refused before anything is drawn
        return made

    def send(
        self,
        request: WebRequest,
        visit: Visit,
        make: Callable[[], bytes],
        *,
        path: str,
        media_type: str,
        file_name: str | None = None,
    ) -> Response[bytes]:
        """An answer that stands on the release of `visit`."""
        return self.answers.send(
            request,
            make,
            address=visit.asked.address(path),
            standing_on=self.standing_on(visit),
            settled=visit.asked.settled,
            media_type=media_type,
            file_name=file_name,
        )

    def page(
        self, request: WebRequest, visit: Visit, template: str, context: Callable[[], Mapping[str, Any]], *, path: str
    ) -> Response[bytes]:
        """A page that stands on the release of `visit`."""

        def make() -> bytes:
            return self.render(template, **{"path": path, **context(), "visit": visit, "asked": visit.asked})

        return self.send(request, visit, make, path=path, media_type=HTML)

    def render(self, template: str, **context: Any) -> bytes:
        asked: Asked = context.get("asked") or Asked()
        given: dict[str, Any] = {
            "appearance": self.appearance,
            "measure_of": Shown,
            "short_period": partial(short_period, words=asked.words),
            "t": Speaker(asked.words),
            "languages": LANGUAGE_NAMES,
            "path": "/",
            "more": None,
        }
        return self.templates.get_template(template).render(**{**given, **context}).encode()

    def visit_or_none(self) -> Visit | None:
        """For pages that stand without a release: an error, the first day."""
        try:
            shelf = self.holdings.shelf()
            return Visit(shelf, shelf.latest(), Asked(), shelf.latest().as_of)
        except NotFound:
            return None


def appearance() -> str:
    """Digest of everything that pages are made from."""
    digest = sha256()
    for path in sorted([*HERE.glob("templates/*"), *HERE.glob("static/**/*"), *HERE.glob("*.py")]):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
