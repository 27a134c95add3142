"""Link a day's cases to those they share a household, a building or a place with, and carry the sets on."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import polars as pl

from pumphandle.store.decisions import audit, thresholds
from pumphandle.store.engine import Transaction
from pumphandle.store.identified import contacts, flare_ups, handovers, persons_own, tracing
from pumphandle.store.identified.contacts import Step
from pumphandle.tracing.continuity import LIVING_DAYS, carry, states
from pumphandle.tracing.follow_up import FOLLOW_UP
from pumphandle.tracing.links import links, sets
from pumphandle.tracing.memberships import at_home, at_places
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.tracing import LinkKind, LinkSource, SettingKind


@dataclass(frozen=True)
class DayTraced:
    """What tracing a day did. `growing` and `new` sets are worth somebody's attention, the others are not."""

    persons: int
    new_links: int
    sets: int
    new: int
    growing: int
    closing: int
    flare_ups: int
    became_cases: int
    erased: int


def trace(day: date, *, tx: Transaction, by: Actor, at: datetime) -> DayTraced:
    """Inside the caller's transaction, after linking. Costs what the day's cases and their groups cost."""
    became = _contacts_who_became_cases(tx, day, by=by, at=at)
    persons = tracing.touch(tx, day)
    cases = tracing.cases_of_touched(tx)
    tracing.replace_memberships(tx, _memberships(cases, tracing.visits_of_touched(tx), tracing.contacts_of_touched(tx)))
    tracing.visits_traced(tx, day)
    window = thresholds.current(tx, "link_days").value
    same_place = thresholds.current(tx, "same_place_days").value
    days = {kind: int(window) for kind in LinkKind} | {LinkKind.SAME_PLACE: int(same_place)}
    found = links(tracing.members_of_touched_groups(tx), days=days)
    new_links = tracing.replace_links(tx, found, linked_on=day)
    told = _carry_sets(tx, day)
    done = DayTraced(
        persons=persons,
        new_links=new_links,
        flare_ups=_carry_flare_ups(tx, day),
        became_cases=became,
        erased=_erase_by_rule(tx, day, by=by, at=at),
        sets=told.filter(pl.col("state") != "ended").height,
        **{state: told.filter(pl.col("state") == state).height for state in ("new", "growing", "closing")},
    )
    subject: dict[str, object] = {"day": str(day), "new_links": new_links, "sets": done.sets, "growing": done.growing}
    audit.add(tx, deed="trace", subject=subject, by=by, at=at)
    return done


def _memberships(cases: pl.DataFrame, visits: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    """memberships of these cases, with the person and authority that the shelf keeps beside them."""
    kinds = [str(kind) for kind in SettingKind]
    at_work = cases.filter(pl.col("workplace_postcode").is_not_null()).select(
        "case",
        "day",
        postcode="workplace_postcode",
        setting_kind=pl.when(pl.col("setting_kind").is_in(kinds)).then("setting_kind").otherwise(pl.lit("workplace")),
        setting=pl.lit(None, pl.Int64),
        source=pl.lit(str(LinkSource.RECORD)),
    )
    told = visits.select("case", "day", "postcode", "setting_kind", "setting", "source")
    owner = cases.select("case", "person_key", "authority")
    return (
        pl.concat([at_home(cases), at_places(pl.concat([at_work, told])), contacts])
        .unique(["kind", "key", "case"], keep="first", maintain_order=True)
        .join(owner, on="case", maintain_order="left")
        .select("kind", "key", "person_key", "authority", "day", "source", case_key="case")
    )


def _carry_sets(tx: Transaction, day: date) -> pl.DataFrame:
    before = tracing.living_sets(tx)
    now = sets(tracing.joining_links(tx, since=day - timedelta(days=LIVING_DAYS)))
    carried = carry(before, now, run_date=day)
    known = carried.join(tracing.case_days(tx, carried["case"]), on="case", maintain_order="left")
    quiet = int(thresholds.current(tx, "quiet_days").value)
    told = states(before, known, run_date=day, quiet_days=quiet)
    tracing.replace_sets(tx, known.select("set_id", "authority", "day", "since", case_key="case"), told)
    return told


def _carry_flare_ups(tx: Transaction, day: date) -> int:
    """Sets and clusters that share cases, under one name; told again only when cases were added. How many live."""
    found = flare_ups.groups(tx)
    chained = found.sort("group", "case").with_columns(earlier=pl.col("case").shift().over("group"))
    now = sets(chained.drop_nulls("earlier").select("earlier", later="case"))
    before = flare_ups.living(tx)
    carried = carry(before, now, run_date=day)
    known = carried.join(found.unique("case", keep="first").select("case", "authority", "day"), on="case")
    told = states(before, known, run_date=day, quiet_days=int(thresholds.current(tx, "quiet_days").value))
    rows = known.select("authority", "day", "since", flare_id="set_id", case_key="case").sort("flare_id", "case_key")
    flare_ups.replace(tx, rows, told.rename({"set_id": "flare_id"}))
    return told.filter(pl.col("state") != "ended").height


def _contacts_who_became_cases(tx: Transaction, day: date, *, by: Actor, at: datetime) -> int:
    """Contacts whose own result has come: the follow-up ends, the two cases are linked. Returns how many."""
    isolation = int(thresholds.current(tx, "isolation_days").value)
    found = contacts.became_cases(tx, on=day, days=isolation)
    for one in found:
        if "become_case" not in FOLLOW_UP.events(one.state):
            continue
        state = FOLLOW_UP.check(one.state, "become_case")
        changed = replace(
            one, state=state, since=at, due=None, claimed_by=None, claimed_until=None, version=one.version + 1
        )
        contacts.add_step(tx, one.contact_id, Step(changed.version, "become_case", state, at, by.name, {}))
        contacts.put(tx, changed)
        handovers.outcome(tx, changed)
    return len(found)


def _erase_by_rule(tx: Transaction, day: date, *, by: Actor, at: datetime) -> int:
    """Who contacts were, so many days after their follow-up ended, and places told longer ago than is agreed."""
    kept = int(thresholds.current(tx, "contact_keep_days").value)
    names = persons_own.erase_contacts(tx, ended_before=day - timedelta(days=kept), on=day)
    places = persons_own.erase_visits(tx, on=day)
    if names or places:
        subject: dict[str, object] = {"rule": "contact_keep_days", "contacts": names, "visits": places}
        audit.add(tx, deed="erase", subject=subject, by=by, at=at)
    return names + places
