"""The page of the day, signals and deliveries: one's own, complete, and remembered."""

import re
from datetime import timedelta
from typing import Any

import psycopg
import pytest

DAY = "2020-06-30"
OWN, OTHER = f"/signals/NOR/{DAY}/sars_cov_2/1", f"/signals/SOU/{DAY}/sars_cov_2/1"


def test_today_tells_what_came(world: Any) -> None:
    page = world.signed_in("rowan").get("/today").text
    figures = re.findall(r'class="figure[^"]*">([\d,]+)</span> <span class="of">([^<]+)', page)
    assert figures[:4] == [("2", "new positives"), ("3", "new results"), ("1", "changed"), ("1", "withdrawn")]
    assert [told for told in figures[4:] if told[0] != "0"] == [("1", "signals to act on")]
    assert 'class="figure word">available</span> <span class="of">today’s delivery' in page
    assert "westlab" in page
    assert "7 results wait" in page
    assert "Oldchurch: 3 cases where less than one was to be expected." in page
    assert "Seagate" not in page
    assert world.audit("look_today") == [("rowan", "look_today", {"day": DAY, "new": 3, "changed": 1})]


def test_the_figures_lead_to_their_records(world: Any) -> None:
    browser = world.signed_in("rowan")
    links = re.findall(r'href="(/lines\?came_from=[^"]+)"', browser.get("/today").text)
    totals = [
        re.search(r"<strong>(\d+)</strong> result", browser.get(link.replace("&amp;", "&")).text) for link in links
    ]
    assert [found and found.group(1) for found in totals] == ["2", "3", "1", "1"]


def test_every_number_is_a_door(drafted: Any) -> None:
    """A tile leads to rows: a page that answers, or a section of this page that is there."""
    browser = drafted.signed_in("rowan")
    page = browser.get("/today").text
    doors = re.findall(r'<li><a href="([^"]+)"><span class="figure', page)
    assert len(doors) == 10
    for door in (one.replace("&amp;", "&") for one in doors):
        assert f'id="{door[1:]}"' in page if door.startswith("#") else browser.get(door).status_code == 200, door


def test_news_is_what_came_since_the_last_visit(world: Any) -> None:
    world.signed_in("rowan").get("/today")
    world.clock.pass_by(hours=20)
    again = world.signed_in("rowan")
    for _ in range(2):  # within one visit a second look does not make the news old
        page = again.get("/today").text
        assert "What changed since you last looked, 30 Jun 2020, 12:00" in page
        assert "came_from=2020-07-01" in page
        assert '<span class="figure">0</span> <span class="of">new results' in page
    assert '<span class="figure">3</span> <span class="of">new results' in again.get(f"/today?since={DAY}").text
    world.tell(b"insert into decisions.run_step values ('2020-07-01', 'link', now(), 1, '{}')")
    world.tell(b"update identified.change set linked_on = '2020-07-01' where change = 'changed'")
    page = again.get("/today").text
    assert '<span class="figure">0</span> <span class="of">new results' in page
    assert '<span class="figure">1</span> <span class="of">changed' in page
    assert "What changed since" not in world.signed_in("sid").get("/today").text
    assert again.get("/today?since=yesterday").status_code == 400


def test_the_morning_tells_growth_silence_unresolved_addresses_and_what_stands_against_numbers(world: Any) -> None:
    world.tell(
        b"insert into decisions.cluster_day values (%s, '2020-07-01', 'growing', 5, 2, true, null)",
        f"NOR/{DAY}/sars_cov_2/1")  # fmt: skip
    world.tell(
        b"insert into decisions.watch values (%s, 'westlab', 'silent', '', 'alarm', 0, 90, "
        b"'Westlab sent nothing; 90 lines are usual.', '{NOR}')", DAY)  # fmt: skip
    world.tell(
        b"update decisions.run_step set summary = '{\"unplaced_by_region\": {\"NAT\": 4}}' where step = 'deliver'"
    )
    world.tell(
        b"insert into decisions.concern (kind, area_code, product, first_day, statement, evidence, body, raised_by, "
        b"raised_at, state, since, desk, outcome) values ('timing', 'N1', 'cases', %s, 'x', '', 'NOR', 'rowan', now(), "
        b"'RAISED', now(), 0, '')", DAY)  # fmt: skip
    page = world.signed_in("rowan").get("/today").text
    for figure, name in (("1", "clusters that grew"), ("1", "silent laboratories"), ("1", "concerns and holds"),
                         ("4", "addresses unresolved in your region")):  # fmt: skip
        assert re.search(rf'class="figure[^"]*">{figure}</span> <span class="of">{name}', page), name
    assert "Westlab sent nothing; 90 lines are usual." in page
    assert "+2</strong>" in page
    assert "Westlab" not in world.signed_in("sid").get("/today").text


def test_before_the_first_run_and_in_the_middle_of_one(world: Any) -> None:
    browser = world.signed_in("rowan")
    world.tell(b"delete from decisions.run_step where step in ('detect', 'publish')")
    assert "Still to come: detect, trace, publish, purge." in browser.get("/today").text
    world.tell(b"delete from decisions.run_step")
    assert "No day has been run yet" in browser.get("/today").text


def test_a_run_that_did_not_come_is_said(world: Any) -> None:
    world.clock.pass_by(days=3)
    assert "The newest run is 3 days old." in world.signed_in("rowan").get("/today").text


def test_the_national_centre_sees_every_signal_and_no_person(world: Any) -> None:
    browser = world.signed_in("nat")
    page = browser.get("/today").text
    assert "Oldchurch" in page
    assert "Seagate" in page
    assert "new positives" not in page
    opened = browser.get(OWN)
    assert opened.status_code == 200
    assert "Quill" not in opened.text
    assert "open to the area’s own authority" in opened.text


def test_a_signal_opens_its_records(world: Any) -> None:
    browser = world.signed_in("tracy")
    page = browser.get(OWN).text
    assert "Line list of the cases" in page
    assert len(re.findall(r'href="/lines/[0-9a-f-]{36}"', page)) == 3
    link = re.search(r'href="(/lines\?[^"]+)"', page)
    assert link
    assert link.group(1) == "/lines?result=positive&amp;first=2020-06-24&amp;last=2020-06-30&amp;small_area=N2"
    seen = [world.records[name] for name in ("Ada", "Ada again", "Bo")]
    by, _, subject = world.audit("look_signal")[0]
    assert (by, subject["signal_id"], subject["shown"]) == ("tracy", f"NOR/{DAY}/sars_cov_2/1", 3)
    assert sorted(subject["records"]) == sorted(seen)


def test_another_authoritys_signal_is_refused_and_remembered(world: Any) -> None:
    answer = world.signed_in("rowan").get(OTHER)
    assert answer.status_code == 403
    assert "Seagate" not in answer.text
    assert world.audit("look_refused") == [
        ("rowan", "look_refused", {"asked": "look_signal", "refusal": "NotPermitted"})
    ]


def test_signals_by_day(world: Any) -> None:
    browser = world.signed_in("rowan")
    assert "Oldchurch" in browser.get("/signals").text
    assert "No signal on this day." in browser.get("/signals?day=2020-06-29").text
    assert browser.get("/signals?day=yesterday").status_code == 400
    assert browser.get("/signals/nothing/here").status_code == 404
    assert world.signed_in("stew").get("/signals").status_code == 403


def test_a_director_downloads_the_package_and_the_receipt_says_so(world: Any) -> None:
    browser = world.signed_in("rowan")
    answer = browser.press("/deliveries", f"/deliveries/{DAY}/package")
    assert answer.content == b"age-encryption.org/v1 sealed for the north"
    assert answer.headers["content-disposition"] == f'attachment; filename="NOR-{DAY}.tar.age"'
    assert "opened" in browser.get("/deliveries").text
    first = world.audit("collect")[0]
    assert (first[0], first[2]["delivery_date"], first[2]["first"]) == ("rowan", DAY, True)


def test_acknowledging_is_kept_once(world: Any) -> None:
    browser = world.signed_in("rowan")
    for _ in range(2):
        answer = browser.press("/deliveries", f"/deliveries/{DAY}/acknowledge", back="today")
        assert (answer.status_code, answer.headers["location"]) == (303, "/today")
    assert [subject["first"] for _, _, subject in world.audit("acknowledge")] == [True, False]
    with psycopg.connect(world.urls.deeds) as connection:
        receipts = connection.execute("select authority, stage, by_name from identified.receipt").fetchall()
    assert receipts == [("NOR", "acknowledged", "rowan")]
    assert f'/deliveries/{DAY}/acknowledge"' not in browser.get("/today").text


@pytest.mark.parametrize("role", ["ash", "tracy", "nat", "stew"])
def test_only_a_director_collects(world: Any, role: str) -> None:
    browser = world.signed_in(role)
    for what in ("package", "acknowledge"):
        answer = browser.press("/today", f"/deliveries/{DAY}/{what}")
        assert answer.status_code == 403
        assert b"sealed" not in answer.content
    assert [subject["asked"] for _, _, subject in world.audit("look_refused")] == ["collect", "acknowledge"]


def test_a_directors_download_is_their_own(world: Any) -> None:
    """The address names a day and no authority: there is no way to ask for another's."""
    answer = world.signed_in("sid").press("/deliveries", f"/deliveries/{DAY}/package")
    assert answer.status_code == 500, "the south's file is not in its place; the north's is never given instead"
    assert b"sealed" not in answer.content


def test_a_changed_package_is_not_handed_out(world: Any) -> None:
    (world.home / "deliveries" / "NOR" / f"{DAY}.tar.age").write_bytes(b"something else")
    answer = world.signed_in("rowan").press("/deliveries", f"/deliveries/{DAY}/package")
    assert answer.status_code == 500
    assert b"something else" not in answer.content
    assert world.audit("collect") == []


@pytest.mark.parametrize(("day", "status"), [("2020-06-29", 404), ("today", 400), ("2020-13-01", 400)])
def test_no_such_delivery(world: Any, day: str, status: int) -> None:
    assert world.signed_in("rowan").press("/deliveries", f"/deliveries/{day}/package").status_code == status


def test_a_package_is_not_a_link(world: Any) -> None:
    assert world.signed_in("rowan").get(f"/deliveries/{DAY}/package").status_code == 405


def test_deliveries_are_listed_and_remembered(world: Any) -> None:
    page = world.signed_in("ash").get("/deliveries").text
    assert "AB12-CD34" in page
    assert "Download" not in page
    assert world.audit("look_deliveries") == [("ash", "look_deliveries", {"shown": 1})]
    assert world.signed_in("tracy").get("/deliveries").status_code == 403


def test_a_signal_says_who_acts_what_was_looked_for_and_how_it_was_found_in_words(world: Any) -> None:
    world.tell(
        b"update decisions.signal set expected = 0.01, p_value = 1e-9, "
        b"also = '{\"exceedance, small_area\",\"linked cases, place\"}' where authority = 'NOR'"
    )
    page = world.signed_in("rowan").get(OWN).text
    assert "the director by 2 Jul 2020" in page
    assert re.search(r"Looked for</dt><dd>sars cov 2", page)
    found = re.search(r"Found by</dt><dd>([^<]+)<", page)
    assert found
    assert re.match(r"too many in one [a-z ]+; also by cases that name one place$", found.group(1))
    assert "p &lt; 0.0001" in page
    assert re.search(r"Expected</dt><dd>&lt; 0\.1", page)


def test_open_clusters_are_called_by_their_place(world: Any) -> None:
    def called(who: str) -> list[str]:
        page = world.signed_in(who).get("/signals").text
        return re.findall(r'href="/clusters/[^"]+">([^<]+)</a>', page)

    assert called("rowan") == ["Oldchurch"]
    assert sorted(called("nat")) == ["Oldchurch", "Seagate"]
    assert "Northdale" in world.signed_in("nat").get("/signals").text, "who looks after all is told whose it is"


def test_a_place_that_several_cases_name_stands_on_the_signal_for_those_who_see_names(world: Any) -> None:
    own = [world.records[name] for name in ("Ada", "Ada again", "Bo")]
    for key, workplace in zip(own, ("Mill Foods", "Mill Foods", "Other Ltd"), strict=True):
        postcode = "nd1 9zz" if workplace == "Mill Foods" else "ND19ZY"
        world.tell(
            b"update identified.record set workplace = %s, workplace_postcode = %s where record_key = %s",
            workplace, postcode, key)  # fmt: skip
    told = "Mill Foods (ND19ZZ) by 2 cases"
    page = world.signed_in("rowan").get(OWN).text
    assert told in page
    assert "Other Ltd" not in page, "what one case names is no place in common"
    for who in ("ash", "nat"):
        assert "Mill Foods" not in world.signed_in(who).get(OWN).text


def test_who_looks_after_the_house_is_told_when_nothing_was_erased_for_a_day(world: Any) -> None:
    red = "What is past its time was"
    nat = world.signed_in("nat")
    assert f"{red} never erased" in nat.get("/today").text
    assert "kept without end" in nat.get("/today").text
    world.tell(
        b"insert into decisions.timer values ('purge', %s, '{}'), ('take_in', %s, '{}')",
        world.clock() - timedelta(hours=25), world.clock() - timedelta(minutes=2),
    )  # fmt: skip
    world.tell(b"insert into decisions.threshold values ('unplaced_keep_days', 1, '365', 'nat', '2020-06-30', 'law')")
    page = nat.get("/today").text
    assert red not in page and "kept without end" not in page and "Nobody takes in" not in page
    world.clock.pass_by(hours=2)
    for name in ("nat", "stew", "aud"):
        page = world.signed_in(name).get("/today").text
        assert f"{red} last erased" in page and "Nobody takes in what arrives" in page, name
    for name in ("rowan", "ash", "rev"):
        page = world.signed_in(name).get("/today").text
        assert red not in page and "Nobody takes in" not in page, name
