"""The page of what was sent on calls authorities and laboratories by their names."""

from typing import Any

SAID = (
    b"insert into identified.misroute (record_key, from_authority, to_authority, reason, laboratory, by_name, said_at) "
    b"values (%s, %s, %s, 'moved away', %s, 'x', '2020-06-30T11:00Z')"
)


def test_laboratories_and_authorities_have_their_names(world: Any, held: str) -> None:
    """Both for who said so and for the centre; a laboratory whose contract is gone keeps its code."""
    assert held
    world.tell(SAID, world.records["Ada"], "NOR", "SOU", "northgate")
    world.tell(SAID, world.records["Bo"], "NOR", "SOU", "long-gone")
    for who in ("rowan", "nat"):
        page = world.signed_in(who).get("/misroutes").text
        assert ("Northgate Pathology" in page, "<td>northgate</td>" in page, "<td>long-gone</td>" in page) == (
            True, False, True
        ), who  # fmt: skip
        assert "Southfold" in page


def test_what_went_in_a_circle_is_with_the_national_centre(world: Any) -> None:
    world.tell(SAID, world.records["Ada"], "NOR", None, "northgate")
    said = world.signed_in("rowan").get("/misroutes").text
    assert "the authority that you named had said too that it is not theirs" in said
    assert "<td>the national centre</td>" in said
    for who in ("nat", "stew"):
        centre = world.signed_in(who).get("/misroutes").text
        assert "Each went in a circle" in centre and world.records["Ada"] in centre
    assert world.records["Ada"] not in world.signed_in("sid").get("/misroutes").text


def test_a_second_word_is_an_answer_and_no_fault(world: Any) -> None:
    rowan, address = world.signed_in("rowan"), f"/lines/{world.records['Bo']}"
    word = {"to": "SOU", "postcode": "", "reason": "moved away"}
    assert rowan.press("/today", f"{address}/not-ours", **word).status_code == 303
    again = rowan.press("/today", f"{address}/not-ours", **word)
    assert (again.status_code, "said already on 2020-06-30" in again.text) == (409, True)
