"""Recompute the status of areas from four downloaded files, with Python's standard library alone.

    python recompute_status.py ledger.csv areas.csv releases.json RULE.toml > mine.csv

ledger.csv and areas.csv: from /downloads; releases.json: from /releases.json; RULE.toml: from /status/rules/….toml.
It prints area_code,day,rank for small areas that are published by themselves; compare with /status.csv. It understands
rules without a ladder that are judged daily, such as the starter rule. It does not know of days that were excluded for
a single institution (/holds).
"""

import csv
import json
import sys
import tomllib
from datetime import date, timedelta


def main(ledger: str, areas: str, releases: str, rule: str) -> None:
    with open(releases, encoding="utf-8") as file:
        newest = json.load(file)["data"]["releases"][0]
    k, last = newest["rule"]["k_persons"], date.fromisoformat(newest["as_of"])
    with open(rule, "rb") as file:
        law = tomllib.load(file)
    with open(areas, encoding="utf-8") as file:
        small = [row for row in csv.DictReader(file) if row["level"] == "small_area" and row["published_under"]]
    together: dict[str, int] = {}
    for row in small:
        together[row["published_under"]] = together.get(row["published_under"], 0) + int(row["population"] or 0)
    alone = {row["area_code"] for row in small if row["published_under"] == row["area_code"]}
    people = {code: number for code, number in together.items() if code in alone and number}
    with open(ledger, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    start = min(date.fromisoformat(row["first_day"]) for row in rows)  # every area's first window opens that day
    windows: dict[str, list[Window]] = {code: [] for code in together}
    for row in rows:
        if row["measure"] == "cases" and row["group_code"] == "all":
            for node, window in closed(row, together, k):
                windows[node].append(window)
    print("area_code,day,rank")
    for code in sorted(people):
        if people[code] >= law["least_population"]:
            for day, rank in course(law, windows[code], people[code], k, start, last):
                print(f"{code},{day},{rank}")


# First day, last day, what each day before the last holds (None: recalled), what the last day holds.
Window = tuple[date, date, float | None, float]


def closed(row: dict[str, str], together: dict[str, int], k: int) -> list[tuple[str, Window]]:
    """The windows that a row of the ledger closed; those of a pool share its number by people."""
    last = date.fromisoformat(row["last_day"])
    if row["level"] == "pool":
        begun = dict(one.split(":") for one in row["members"].split())
        people = {node: max(1, together[node]) for node in begun}
        found: list[tuple[str, Window]] = []
        for node, first in ((node, date.fromisoformat(day)) for node, day in begun.items()):
            part = int(row["value"] or 0) * people[node] / sum(people.values()) / ((last - first).days + 1)
            found.append((node, (first, last, part if row["value"] else None, part)))
        return found
    if row["level"] != "small_area":
        return []
    first = date.fromisoformat(row["first_day"])
    if not row["value"]:
        return [(row["node"], (first, last, None, 0.0))]
    value, earlier = int(row["value"]), (last - first).days
    even = value / (earlier + 1)
    each = even if row["waited"] == "true" or not earlier else min(even, (k - 1) / earlier)
    return [(row["node"], (first, last, each, value - each * earlier))]


def seven_days(windows: list[Window], day: date, k: int, start: date) -> tuple[float | None, bool]:
    """Estimated cases in the seven days to `day` as known on `day`, and whether no closed window touches them.

    None where one of their windows was recalled.
    """
    begin, total, known = max(start, day - timedelta(days=6)), 0.0, start - timedelta(days=1)
    for first, last, each, final in windows:
        if last > day:
            continue
        known = max(known, last)
        if last < begin:
            continue
        if each is None:
            return None, False
        total += each * (last - max(first, begin)).days + final
    waiting = (day - known).days
    if waiting:
        total += (k - 1) / 2 / waiting * min(waiting, (day - begin).days + 1)
    return total, known < begin


def course(law: dict, windows: list[Window], people: int, k: int, start: date, last: date) -> list[tuple[date, int]]:
    """The level in force on each day."""
    levels = law["level"]
    entering = [[0] * len(level["enter"]) for level in levels]
    leaving = [[0] * len(level["leave"]) for level in levels]
    active, age, decided, begun = [False] * len(levels), [0] * len(levels), [], False
    for step in range(6, (last - start).days + 1):
        day = start + timedelta(days=step)
        cases, quiet = seven_days(windows, day, k, start)
        value = {}
        if cases is not None:
            value = {"rate": 100_000 * cases / people, "cases": cases, "daily_rate": 100_000 * cases / 7 / people}
            value["daily_cases"] = cases / 7
            begun = True
        works = day.weekday() != 6 and day not in law["holidays"]
        for at, level in enumerate(levels):
            age[at] += 1
            for place, one in enumerate(level["enter"]):
                entering[at][place] = entering[at][place] + 1 if holds(one, value, law) and not quiet else 0
            for place, one in enumerate(level["leave"]) if works or not level["working_days"] else ():
                leaving[at][place] = leaving[at][place] + 1 if holds(one, value, law) or quiet else 0
            met = [entering[at][place] >= one["days"] for place, one in enumerate(level["enter"])]
            enough = any(met) if level["enter_needs"] == "any" else all(met)
            gone = all(leaving[at][place] >= one["days"] for place, one in enumerate(level["leave"]))
            if active[at] and gone and age[at] >= level["stay"]:
                active[at] = False
            elif not active[at] and enough:
                active[at], age[at] = True, 0
        if begun:
            decided.append((day, max([at + 1 for at, on in enumerate(active) if on], default=0)))
    wait = timedelta(days=law["in_force_after"])
    return [(day + wait, rank) for day, rank in decided if day + wait <= last]


def holds(one: dict, value: dict[str, float], law: dict) -> bool:
    """What is not known does not hold."""
    if not value:
        return False
    number = round(value[one["quantity"]], law["decimals"]) if "decimals" in law else value[one["quantity"]]
    if "above" in one:
        return number > one["above"]
    if "at_least" in one:
        return number >= one["at_least"]
    return number < one["below"] if "below" in one else number <= one["at_most"]


if __name__ == "__main__":
    main(*sys.argv[1:])
