"""The national centre extends holds, takes numbers back, leaves institutions out and chooses the rule; nobody else."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from pumphandle.publication.status.rules import shipped
from tests.web.console.conftest import served

HOLD = {
    "kind": "stigma or cohesion", "product": "cases and tests", "statement": "The community fears to be named.",
    "evidence": "Threats last week.", "answer": "hold cases and tests", "hours": "72", "until_persons": "",
}  # fmt: skip


@pytest.fixture
def out(drafted: Any) -> Any:
    """A release with one number of the north's Oldchurch and its district's total."""
    drafted.tell(
        b"insert into published.release (release_id, sequence, as_of, made_at, block_count, rule, certificate, "
        b"manifest, previous_hash, hash) values ('2020-06-29', 1, '2020-06-29', '2020-06-29T18:00Z', 2, '{}', '{}', "
        b"'{}', '', 'h')"
    )
    for number, (node, level, value) in enumerate(((drafted.north, "small_area", 6), ("NOR", "district", 9)), 1):
        drafted.tell(
            b"insert into published.ledger (block_id, release_id, node, level, measure, group_code, first_day, "
            b"last_day, value, kind) values (%s, '2020-06-29', %s, %s, 'cases', 'all', '2020-06-29', '2020-06-29', "
            b"%s, 'exact')",
            number, node, level, value,
        )  # fmt: skip
    return drafted


def test_the_centre_extends_a_councils_hold_and_the_register_says_so(drafted: Any) -> None:
    council, centre = drafted.signed_in("rowan"), drafted.signed_in("nat")
    area = f"/decisions/areas/{drafted.north}"
    assert council.press(area, f"{area}/concern", **HOLD).status_code == 303
    assert council.press("/decisions", "/decisions/holds/1/extend", hours="100").status_code == 403
    assert centre.press("/decisions", "/decisions/holds/1/extend", hours="lots").status_code == 400
    assert centre.press("/decisions", "/decisions/holds/1/extend", hours="2000").status_code == 303
    assert drafted.ask(b"select entry from published.hold_entry order by entry_id") == [("placed",), ("extended",)]
    ((longer,),) = drafted.ask(
        b"select max(expires_at) - min(expires_at) > interval '50 days' from published.hold_entry"
    )
    assert longer


def test_the_centre_takes_a_number_back_with_the_totals_above_it(out: Any) -> None:
    centre = out.signed_in("nat")
    given = {"release": "2020-06-29", "area": out.north, "category": "accuracy", "reason": "Counted twice."}
    page, form = "/decisions/public", "/decisions/public/recall"
    assert centre.press(page, form, **{**given, "reason": " "}).status_code == 409
    assert centre.press(page, form, **{**given, "category": "mood"}).status_code == 400
    assert centre.press(page, form, **{**given, "release": "yesterday"}).status_code == 400
    assert out.ask(b"select count(*) from published.recall") == [(0,)]
    assert centre.press(page, form, **given).status_code == 303
    assert out.ask(b"select block_id, reason from published.recall order by block_id") == [
        (1, "Counted twice."),
        (2, "Counted twice."),
    ]


def test_days_of_an_institution_and_a_rule_are_decided_by_the_centre_alone(out: Any) -> None:
    centre, council = out.signed_in("nat"), out.signed_in("rowan")
    assert council.get("/decisions/public").status_code == 403
    page = "/decisions/public"
    left = {"area": out.north, "first": "2020-06-20", "last": "2020-06-22", "reason": "A care home."}
    assert centre.press(page, f"{page}/exclude", **left).status_code == 303
    assert out.ask(b"select area_code, reason from published.exclusion") == [(out.north, "A care home.")]
    chosen = {"name": "germany-2021", "text": "", "reason": "As agreed by the cabinet."}
    assert centre.press(page, f"{page}/rule", **{**chosen, "name": "my-own"}).status_code == 400
    assert centre.press(page, f"{page}/rule", **chosen).status_code == 303
    assert "As agreed by the cabinet." in centre.get(page).text
    assert centre.press(page, f"{page}/rule", **chosen).status_code == 409  # this version was chosen
    own = shipped()["germany-2021"].replace("version = 1", "version = 2")
    assert centre.press(page, f"{page}/rule", name="", text=own, reason="A new version.").status_code == 303
    assert out.ask(b"select rule_id, version, chooser from published.status_rule order by version") == [
        ("germany-2021", 1, "nat"),
        ("germany-2021", 2, "nat"),
    ]


def browse(chromium: str, house: Any, name: str, walk: Any) -> None:
    """A signed-in person's own browser in front of the console."""
    for address in served(house.app):
        cookies = [
            {"name": one.name, "value": one.value or "", "url": address} for one in house.signed_in(name).cookies.jar
        ]
        with sync_playwright() as play:
            opened = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--no-first-run"])
            context = opened.new_context(viewport={"width": 1280, "height": 900})
            context.add_cookies(cookies)  # pyright: ignore[reportArgumentType]
            walk(context.new_page(), address)
            opened.close()


def accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.heavy
def test_a_recall_in_a_real_browser_by_keyboard(chromium: str, out: Any) -> None:
    def walk(page: Page, address: str) -> None:
        page.goto(f"{address}/decisions")
        page.get_by_role("link", name="Take numbers back").press("Enter")
        page.wait_for_url("**/decisions/public")
        accessible(page)
        section = page.locator("section[aria-labelledby=recall]")
        section.get_by_label("Release", exact=True).fill("2020-06-29")
        section.get_by_label("Code of the area; empty: the whole release").fill(out.north)
        section.get_by_label("Category").select_option("accuracy")
        section.get_by_label("Reason, as the public will read it").fill("Counted twice.")
        section.get_by_role("button", name="Take back").press("Enter")
        page.wait_for_load_state()
        accessible(page)

    browse(chromium, out, "nat", walk)
    assert out.ask(b"select count(*) from published.recall") == [(2,)]


@pytest.mark.heavy
def test_a_reviewer_votes_in_a_real_browser(chromium: str, drafted: Any) -> None:
    def walk(page: Page, address: str) -> None:
        page.goto(f"{address}/decisions")
        accessible(page)
        section = page.locator("section[aria-labelledby=review]")
        assert "0 of 2 votes are in" in section.inner_text()
        section.get_by_label("Reason").fill("The rule is stricter.")
        section.get_by_role("button", name="Release").press("Enter")
        page.wait_for_load_state()
        accessible(page)
        assert "1 of 2 votes are in" in page.locator("section[aria-labelledby=review]").inner_text()

    browse(chromium, drafted, "rev", walk)
    assert drafted.ask(b"select reviewer, vote from decisions.review") == [("rev", "release")]
