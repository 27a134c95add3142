"""People decide about a cluster: by name, with a reason, once; whoever may not is refused, and nothing changes."""

import re
from typing import Any

import psycopg
import pytest

OWN = "/signals/NOR/2020-06-30/sars_cov_2/1"
CLUSTER = "NOR/2020-06-30/sars_cov_2/1"


def say(world: Any, who: str, event: str, reason: str = "Called the school.", name: str = "Mill school") -> Any:
    fields = {"cluster_id": CLUSTER, "signal_id": CLUSTER, "event": event, "reason": reason, "name": name,
              "lessons": "Ring the school at once."}  # fmt: skip
    return world.signed_in(who).press(OWN, "/signals/decide", **fields)


def status(world: Any) -> tuple[str, str | None]:
    with psycopg.connect(world.urls.deeds) as connection:
        row = connection.execute(
            "select status, acting_role from decisions.cluster where cluster_id = %s", [CLUSTER]
        ).fetchone()
    assert row is not None
    return row[0], row[1]


def test_a_raised_cluster_names_who_acts_and_until_when(world: Any) -> None:
    page = world.signed_in("rowan").get(OWN).text
    assert "director by" in page
    assert "overdue" not in page
    for button in ("Take up", "Declare an outbreak", "Dismiss"):
        assert button in page
    world.clock.pass_by(days=3)
    assert "overdue" in world.signed_in("rowan").get("/signals").text


def test_take_up_declare_close_stand_on_the_page_in_the_steps_and_in_the_audit(world: Any) -> None:
    assert say(world, "rowan", "take up").headers["location"] == OWN
    assert status(world) == ("taken_up", None)
    say(world, "rowan", "declare")
    page = world.signed_in("rowan").get(OWN).text
    assert "Outbreak NOR-1: Mill school" in page
    assert "Called the school." in page
    say(world, "rowan", "close", reason="No new case for two weeks.")
    assert status(world) == ("closed", None)
    told = [subject["event"] for _, _, subject in world.audit("decide")]
    assert told == ["take up", "declare", "close"]
    assert all("reason" not in subject for _, _, subject in world.audit("decide"))
    with psycopg.connect(world.urls.deeds) as connection:
        row = connection.execute("select declared_by, closed_by, close_reason from decisions.outbreak").fetchone()
    assert row == ("rowan", "rowan", "No new case for two weeks.")


@pytest.mark.parametrize(
    ("event", "reason", "name", "code"),
    [
        ("dismiss", "  ", "", 409),
        ("declare", "Called the school.", " ", 409),
        ("close", "It is over.", "", 409),
        ("explode", "Because.", "", 409),
        ("dismiss", "x" * 501, "", 409),
    ],
)
def test_no_reason_no_name_no_arrow_no_change(world: Any, event: str, reason: str, name: str, code: int) -> None:
    assert say(world, "rowan", event, reason=reason, name=name).status_code == code
    assert status(world) == ("raised", "director")


@pytest.mark.parametrize("who", ["sid", "ash", "tracy", "nat"])
def test_others_may_not_decide(world: Any, who: str) -> None:
    browser = world.signed_in(who)
    page = browser.get("/signals")
    token = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert token
    fields = {"cluster_id": CLUSTER, "event": "dismiss", "reason": "no", "csrf": token.group(1)}
    assert browser.post("/signals/decide", fields).status_code == 403
    assert status(world) == ("raised", "director")


def test_the_national_centre_decides_what_nobody_acted_on(world: Any) -> None:
    world.tell(b"update decisions.cluster set status = 'escalated', acting_role = 'national'")
    assert say(world, "nat", "take up").status_code == 303
    assert status(world) == ("taken_up", None)


def test_a_step_that_was_taken_cannot_be_taken_back(world: Any) -> None:
    say(world, "rowan", "dismiss")
    with pytest.raises(psycopg.Error, match="only ever added to"):
        world.tell(b"delete from decisions.cluster_step")


def test_the_cluster_leads_to_its_newest_signal(world: Any) -> None:
    page = world.signed_in("rowan").get(f"/clusters/{CLUSTER}").text
    assert "Oldchurch" in page
    assert world.signed_in("rowan").get("/clusters/no/such/1").status_code == 404
