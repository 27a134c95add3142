"""In a real browser: a director, an analyst and tracers of two authorities do their morning by keyboard and on a phone.

axe finds nothing on any page; two people editing the same follow-up, and a lost connection, lose nobody's work.
"""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from psycopg.types.json import Jsonb

from tests.web.console.conftest import DAY, illnesses

pytestmark = pytest.mark.heavy
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
CLUSTER = f"NOR/{DAY}/sars_cov_2/1"
PAGES = {
    "rowan": ("/today", "/lines", "/lines?result=positive&order=name", "/map", "/exports", "/signals", "/contacts",
              "/links", "/flare-ups/f1", "/settings", "/outbreaks/NOR-1", "/lines/{Ada}", "/lines/{Ada}/contact"),
    "ash": ("/today", "/lines", "/map", "/exports", "/signals", "/outbreaks/NOR-1"),
    "tracy": ("/today", "/lines", "/contacts", "/links"),
    "sid": ("/today", "/lines", "/map", "/contacts", "/links"),
}  # fmt: skip


@pytest.fixture
def morning(world: Any) -> Any:
    """An outbreak with a measure, a flare-up of two cases, shapes on the ground, thresholds chosen."""
    for name, value in (("link_days", 14), ("reach_hours", 24), ("check_hours", 24), ("isolation_days", 14),
                        ("contact_keep_days", 28)):  # fmt: skip
        world.tell(
            b"insert into decisions.threshold values (%s, 1, %s::jsonb, 'the tests', '2020-06-01', 'for the tests')",
            name, str(value))  # fmt: skip
    illnesses(world)
    ada, bo = world.records["Ada again"], world.records["Bo"]
    for case in (ada, bo):
        world.tell(b"insert into identified.flare_case values ('f1', %s, 'NOR', %s, %s)", case, DAY, DAY)
    world.tell(b"insert into identified.flare_state values ('f1', %s, 'growing', 2, 1, %s, null)", DAY, DAY)
    world.tell(
        b"insert into identified.link values ('household', 'mill-1', %s, %s, %s, 1, 'strong', 'address', 'NOR', 'NOR', "
        b"%s)", ada, bo, DAY, DAY)  # fmt: skip
    for code, west in (("N1", 0), ("N2", 10), ("S1", 20)):
        ring = [[west, 0], [west + 10, 0], [west + 10, 10], [west, 10], [west, 0]]
        shape = {"type": "Polygon", "coordinates": [ring]}
        world.tell(b"insert into reference.boundary values (%s, %s, '')", code, Jsonb(shape))
    frame = {"view_box": "0 0 10 10", "west": 0, "north": 10, "across": 1, "up": 1, "coordinates": "plane"}
    world.tell(b"update reference.nation set picture = %s", Jsonb(frame))
    said = {
        "cluster_id": CLUSTER,
        "signal_id": CLUSTER,
        "event": "declare",
        "reason": "One family.",
        "name": "Oldchurch",
    }
    assert world.signed_in("rowan").press(f"/signals/{CLUSTER}", "/signals/decide", **said).status_code == 303
    measure = {"what": "Visits stopped", "first_day": str(DAY)}
    assert world.signed_in("rowan").press("/today", "/outbreaks/NOR-1/measures", **measure).status_code == 303
    return world


@pytest.fixture
def console(morning: Any) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(morning.app, host="127.0.0.1", port=port, log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(200):
        if server.started:
            break
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def cookies(morning: Any, console: str) -> dict[str, list[dict[str, str]]]:
    """Everybody's visit, begun before the browser is there: both want the thread's event loop."""
    return {
        who: [
            {"name": one.name, "value": one.value or "", "url": console} for one in morning.signed_in(who).cookies.jar
        ]
        for who in PAGES
    }


@pytest.fixture
def chrome(chromium: str, cookies: dict[str, list[dict[str, str]]]) -> Iterator[Browser]:
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--no-first-run"])
        yield opened
        opened.close()


@pytest.fixture
def visit(chrome: Browser, console: str, cookies: dict[str, list[dict[str, str]]]) -> Callable[..., Page]:
    """A page of somebody who has signed in."""

    def open_page(who: str, size: dict[str, int]) -> Page:
        context = chrome.new_context(viewport=size, base_url=console)  # pyright: ignore[reportArgumentType]
        context.add_cookies(cookies[who])  # pyright: ignore[reportArgumentType]
        return context.new_page()

    return open_page


def check_accessible(page: Page, where: str) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, f"{where}\n{found.generate_report()}"


@pytest.mark.parametrize("who", list(PAGES))
def test_axe_finds_nothing_and_nothing_runs_off_a_phone(visit: Callable[..., Page], morning: Any, who: str) -> None:
    for size in (WIDE, PHONE):
        page = visit(who, size)
        for address in PAGES[who]:
            answer = page.goto(address.replace("{Ada}", morning.records["Ada again"]), wait_until="networkidle")
            assert answer is not None and answer.status == 200, (who, address, answer and answer.status)
            check_accessible(page, f"{who} {address} {size['width']}")
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (who, address)


def test_the_morning_is_one_screen_on_a_laptop_and_on_a_phone(visit: Callable[..., Page]) -> None:
    for size in (WIDE, PHONE):
        page = visit("rowan", size)
        page.goto("/today")
        tiles = page.locator(".board li")
        assert tiles.count() >= 9
        box = tiles.last.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= size["height"], "every number is on the first screen"


def test_no_column_of_a_signal_is_cut_off(visit: Callable[..., Page], morning: Any) -> None:
    morning.tell(
        b"update decisions.signal set areas = '{N2,N1}', sentence = %s, observed = 195, expected = 137.8",
        "195 cases in 182 households among neighbouring postcodes of Oldchurch and 1 neighbouring area in 19 days, "
        "where about 138 were to be expected. Chance alone would show your authority this less than once in 100 years.",
    )
    for width in (1280, 1024, 390):
        page = visit("rowan", {"width": width, "height": 900})
        for address in ("/signals", "/today"):
            page.goto(address)
            table = page.locator(".scroll:has(table.signals)")
            assert table.evaluate("box => box.scrollWidth <= box.clientWidth"), (width, address)


def test_the_line_list_is_walked_by_keyboard(visit: Callable[..., Page]) -> None:
    page = visit("rowan", WIDE)
    page.goto("/lines?order=name", wait_until="networkidle")
    assert page.locator("aside.beside svg").count() >= 1, "the curve of the selection has come beside the rows"
    for key, at in (("j", 0), ("j", 1), ("ArrowDown", 2), ("k", 1)):
        page.keyboard.press(key)
        focused = "document.querySelectorAll('table.lines tbody th a')[{}] === document.activeElement"
        assert page.evaluate(focused.format(at)), (key, at)
    page.keyboard.press("/")
    page.keyboard.type("Bo Quill")
    page.keyboard.press("Enter")
    page.wait_for_url("**/lines/search")
    assert "1 result" in page.locator(".total").inner_text()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/lines/[0-9a-f-]{36}$"))
    assert "Bo Quill" in page.locator("h1").inner_text()
    page.goto("/lines?order=name")
    page.keyboard.press("n")
    page.wait_for_url("**after=**")


def name_contact(page: Page, morning: Any) -> str:
    page.goto(f"/lines/{morning.records['Bo']}/contact")
    page.get_by_label("Given name").fill("Kim")
    page.get_by_label("Telephone").fill("07700 900001")
    page.get_by_label("Day of the last contact").fill(str(DAY))
    page.get_by_role("button", name="Name this contact").press("Enter")
    page.wait_for_url(re.compile("/contacts/[0-9a-f-]{36}$"))
    return page.url


def test_two_people_write_about_one_contact_and_neither_loses_a_word(visit: Callable[..., Page], morning: Any) -> None:
    first, second = visit("tracy", WIDE), visit("rowan", WIDE)
    address = name_contact(first, morning)
    second.goto(address)
    second.get_by_label("No", exact=False).first.wait_for()
    for page, note in ((first, "speaks Welsh"), (second, "call after six")):
        page.locator("input[name=answered][value=yes]").check()
        page.locator("input[name=well][value=well]").check()
        page.locator("input[name=home][value=yes]").check()
        page.locator("textarea[name=note]").fill(note)
    first.get_by_role("button", name="Save the call").press("Enter")
    first.wait_for_url("**/contacts")
    second.get_by_role("button", name="Save the call").press("Enter")
    second.get_by_role("alert").wait_for()
    assert "Somebody else has written about this contact meanwhile" in second.get_by_role("alert").inner_text()
    assert second.locator("textarea[name=note]").input_value() == "call after six"
    second.get_by_role("button", name="Save the call").press("Enter")
    second.wait_for_url("**/contacts")
    second.goto(address)
    told = second.locator("section[aria-labelledby=before]").inner_text()
    assert "speaks Welsh" in told and "call after six" in told


def test_a_connection_lost_in_the_middle_of_a_call_loses_nothing(visit: Callable[..., Page], morning: Any) -> None:
    page = visit("tracy", PHONE)
    address = name_contact(page, morning)
    page.locator("input[name=answered][value=yes]").check()
    page.locator("input[name=well][value=well]").check()
    page.locator("input[name=home][value=yes]").check()
    page.locator("textarea[name=note]").fill("lives above the bakery")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save the call").press("Enter")
    page.get_by_text("Not sent: there is no connection.").wait_for()
    assert page.locator("textarea[name=note]").input_value() == "lives above the bakery"
    page.context.set_offline(False)
    page.wait_for_url("**/contacts", timeout=15_000)
    page.goto(address)
    assert "lives above the bakery" in page.locator("section[aria-labelledby=before]").inner_text()


def test_a_contact_goes_from_one_authority_s_tracer_to_the_other_s(visit: Callable[..., Page], morning: Any) -> None:
    north, south = visit("tracy", WIDE), visit("sid", PHONE)
    address = name_contact(north, morning)
    north.get_by_label("Authority").select_option(label="Southfold")
    north.get_by_role("button", name="Hand over").press("Enter")
    north.get_by_text("Not confirmed yet by Southfold").wait_for()
    check_accessible(north, "given")
    south.goto("/contacts")
    south.get_by_role("link", name="Taken").press("Enter")
    south.get_by_role("button", name="Confirm that you have them").press("Enter")
    south.get_by_text("Received by Southfold").wait_for()
    check_accessible(south, "taken")
    assert "Quill" not in south.content(), "which case it was is not told"
    north.goto(address)
    assert "Received by Southfold" in north.locator("section[aria-labelledby=receipts]").inner_text()
