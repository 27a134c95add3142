"""Spoilt files are refused by name or accounted for to the last line; 100,000 of them by `python -m bench fuzz`."""

from bench.fuzz import spoil


def test_nothing_spoilt_crashes_or_loses_a_line() -> None:
    many = {"csv": 250, "jsonl": 200, "hl7": 200, "fhir": 120, "parquet": 60, "xlsx": 30}
    became, longest = spoil(many, seed=7)
    assert became.total() == sum(many.values())
    assert {what.split(" ", 1)[1] for what in became} == {"refused", "read", "read, with lines held"}
    assert longest < 20
