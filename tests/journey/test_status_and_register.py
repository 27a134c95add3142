"""In a real browser, without script and on a phone: status with its reason, back-test, register; axe finds nothing."""

from datetime import UTC, datetime

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from pumphandle.publication.status.rules import shipped

SINCE, END = datetime(2020, 6, 10, 9, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
PAGES = (
    "/status",
    "/status?rule=germany-2021",
    "/status/backtest?rule=england-starter&other=cdc-2021",
    "/holds",
    "/deliveries",
    "/areas/A1",
    "/",
    "/changes",
    "/changes?from=2020-06-04&to=2020-06-10",
    "/releases",
    "/releases/2020-06-10",
    "/downloads",
    "/about",
)


@pytest.fixture
def decided(public_site: str, database_urls) -> str:
    with psycopg.connect(database_urls.owner) as connection:
        connection.execute(
            "insert into published.status_rule values ('england-starter', 1, %s, 'centre', now(), 'a test')",
            [shipped()["england-starter"]],
        )
        connection.execute(
            "insert into published.hold_entry (hold_id, entry, at, area_code, product, answer, body, category, since, "
            "review_at, expires_at, outcome) values (1, 'placed', %s, 'A1', 'cases and tests', 'hold cases and tests', "
            "'D1', 'stigma or cohesion', %s, %s, %s, '')",
            [SINCE, SINCE, END, END],
        )
        connection.execute("insert into published.delivery_clock values ('2020-06-10', '2020-06-08', 3, 1, 4, now())")
        connection.execute(
            "insert into published.delivery_leg select '2020-06-10', code, stage, 0, 3, 2, 1, 2, 0, 1, 5, null "
            "from (select code from reference.nation union all values ('D1'), ('D2')) as areas, "
            "(values ('routed'), ('available'), ('opened'), ('acknowledged')) as stages(stage)"
        )
    return public_site


@pytest.mark.heavy
def test_status_backtest_and_register(browser: Browser, decided: str) -> None:
    page = browser.new_context(viewport={"width": 360, "height": 780}).new_page()
    for path in PAGES:
        page.goto(decided + path)
        found = Axe().run(page)
        assert found.violations_count == 0, path + found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    quiet = browser.new_context(java_script_enabled=False).new_page()
    quiet.goto(decided + "/areas/A1")
    assert "Status:" in quiet.inner_text("main")
    assert "held back since" in quiet.inner_text("main")
    quiet.get_by_role("link", name="The register of holds").press("Enter")
    assert "stigma or cohesion" in quiet.inner_text("main")
    quiet.goto(decided + "/status")
    quiet.get_by_role("link", name="What it would have done").press("Enter")
    quiet.get_by_label("beside").select_option("germany-2021")
    quiet.get_by_role("button", name="Show").press("Enter")
    assert "Side by side" in quiet.inner_text("main")
