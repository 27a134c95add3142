"""Every answer is safe to show: headers, escaping, nothing inline or from elsewhere, errors that say nothing."""

import itertools
import logging
import re
from typing import Any

import pytest

from pumphandle.actions import look
from pumphandle.store.decisions import audit
from pumphandle.store.engine import Database

PAGES = ("/sign-in", "/today", "/lines", "/signals", "/deliveries", "/signals/NOR/2020-06-30/sars_cov_2/1")


def test_headers(world: Any) -> None:
    browser = world.signed_in("rowan")
    for page in (*PAGES, "/nothing", "/static/console.css"):
        check_headers(page, browser.get(page))


def check_headers(page: str, answer: Any) -> None:
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "max-age" in answer.headers["strict-transport-security"]
    if not page.startswith("/static/"):
        assert answer.headers["cache-control"] == "no-store"


def test_nothing_inline_nothing_from_elsewhere_and_fit_to_be_read_aloud(world: Any) -> None:
    browser = world.signed_in("rowan")
    for page in (*PAGES, f"/lines/{world.records['Ada']}", "/nothing"):
        text = browser.get(page).text
        assert not re.search(
            r'<script(?! type="module" src="/static/\w+\.js"></script>)|<style|\sstyle=|\son\w+=|javascript:', text
        )
        assert not re.search(r'(?:href|src|action)="(?:(?:https?:)?//|\w+:)', text)
        check_structure(text)


def check_structure(text: str) -> None:
    assert text.count("<h1") == 1
    assert '<html lang="en">' in text
    assert 'href="#content"' in text
    assert '<main id="content"' in text
    assert text.count("<table") == text.count("<caption")
    assert len(re.findall(r"<th[ >]", text)) == len(re.findall(r'<th [^>]*scope="', text))
    labelled = set(re.findall(r'<label for="([^"]+)"', text))
    fields = re.findall(r"<(?:input|select)([^>]*)>", text)
    asked = {
        found.group(1) for one in fields if 'type="hidden"' not in one and (found := re.search(r'id="([^"]+)"', one))
    }
    assert labelled == asked
    named = re.findall(r'aria-labelledby="([^"]+)"', text)
    assert [one for one in named if f'id="{one}"' not in text] == []
    levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_a_name_that_looks_like_markup_is_shown_and_not_run(world: Any) -> None:
    world.tell(b"update identified.record set family_name = '<script>alert(1)</script>', address = '\"><img src=x>'")
    page = world.signed_in("rowan").get("/lines").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>" not in page
    assert "<img src=x" not in page


def test_a_failure_says_nothing_but_a_number(
    world: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("Ada Quill, ND2 1AA")

    browser = world.signed_in("rowan")
    monkeypatch.setattr(look, "lines", fail)
    caplog.set_level(logging.DEBUG)
    answer = browser.get("/lines")
    assert answer.status_code == 500
    number = re.search(r'<strong class="code">([0-9a-f]{8})</strong>', answer.text)
    assert number
    assert number.group(1) in caplog.text
    assert "RuntimeError" in caplog.text
    for text in (answer.text, caplog.text):
        assert "Quill" not in text
        assert "ND2" not in text


def test_too_large_a_form_is_refused(world: Any) -> None:
    assert world.signed_in("rowan").post("/lines/search", {"search": "x" * 100_000}).status_code == 413


def test_only_the_consoles_own_files(world: Any) -> None:
    for name in ("../app.py", "app.py", "console.css.map", "..%2Fapp.py", "..%2F..%2Fapp.py"):
        assert world.stranger().get(f"/static/{name}").status_code == 404, name


def test_the_audit_chain_holds_after_a_day_of_use(world: Any) -> None:
    browser = world.signed_in("rowan")
    for page in PAGES:
        browser.get(page)
    database = Database(world.urls.deeds)
    with database.transaction() as tx:
        assert audit.verify(tx) == len(world.audit()) >= len(PAGES)
    database.close()
