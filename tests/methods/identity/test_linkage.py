"""A line finds its person by identifier, then by names and date of birth; two identifiers are never one person."""

from pumphandle.identity.linkage import Line, Person, link

KEY = b"k" * 32
ADA = Person("p-ada", "9990000018", "d-ada")
BEN = Person("p-ben", None, "d-ben")


def test_the_identifier_decides() -> None:
    linked = link([Line("r1", 1, "9990000018", "d-other")], [ADA], key=KEY)
    assert linked.keys == {"r1": "p-ada"}
    assert linked.new == []


def test_without_identifier_names_and_birth_decide() -> None:
    assert link([Line("r1", 1, None, "d-ada")], [ADA], key=KEY).keys == {"r1": "p-ada"}


def test_another_identifier_is_another_person_whatever_the_name() -> None:
    linked = link([Line("r1", 1, "9990000026", "d-ada")], [ADA], key=KEY)
    assert linked.keys["r1"] != "p-ada"
    assert [one.national_id for one in linked.new] == ["9990000026"]


def test_a_known_person_learns_an_identifier_once() -> None:
    linked = link([Line("r1", 1, "9990000026", "d-ben"), Line("r2", 1, "9990000034", "d-ben")], [BEN], key=KEY)
    assert linked.keys["r1"] == "p-ben"
    assert linked.keys["r2"] != "p-ben"
    assert linked.learnt == [Person("p-ben", "9990000026", "d-ben")]


def test_two_lines_of_one_new_person_in_one_batch_are_one_person() -> None:
    linked = link(
        [Line("r1", 1, None, "d-new"), Line("r2", 1, "9990000018", "d-new"), Line("r3", 1, "9990000018", None)],
        [],
        key=KEY,
    )
    assert len(set(linked.keys.values())) == 1
    assert linked.new == [Person(linked.keys["r1"], "9990000018", "d-new")]


def test_nothing_to_go_by_is_a_person_of_its_own() -> None:
    linked = link([Line("r1", 1, None, None), Line("r2", 1, None, None)], [], key=KEY)
    assert len(set(linked.keys.values())) == 2


def test_the_same_record_mints_the_same_key_and_another_secret_another() -> None:
    once, again = (link([Line("r1", 1, None, None)], [], key=KEY).keys for _ in range(2))
    assert once == again
    assert link([Line("r1", 1, None, None)], [], key=b"o" * 32).keys != once


def test_a_corrected_record_stays_with_its_person() -> None:
    linked = link([Line("r1", 2, None, "d-typo", previous="p-ben")], [BEN], key=KEY)
    assert linked.keys == {"r1": "p-ben"}


def test_a_record_corrected_to_somebody_else_leaves_its_person() -> None:
    linked = link([Line("r1", 2, "9990000026", "d-other", previous="p-ada")], [ADA], key=KEY)
    assert linked.keys["r1"] not in {"p-ada", link([Line("r1", 1, None, None)], [], key=KEY).keys["r1"]}
    assert link([Line("r1", 2, None, "d-ben", previous="p-ada")], [ADA, BEN], key=KEY).keys == {"r1": "p-ben"}
