"""Link a day's news: to a person, a household, a place, an episode; then to every count and every authority."""

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from pumphandle.delivery.recipients import changes
from pumphandle.geography.postcodes import PostcodeRules, normalise, resolve, written_in
from pumphandle.identity.identifiers import valid
from pumphandle.identity.linkage import Line
from pumphandle.identity.linkage import link as link_people
from pumphandle.identity.pseudonyms import demographic_keys
from pumphandle.linelist.ages import age_band
from pumphandle.linelist.contributions import of_episodes, of_records, triangle
from pumphandle.linelist.episodes import episodes
from pumphandle.store.decisions import audit, thresholds
from pumphandle.store.engine import Transaction
from pumphandle.store.events.lake import Lake
from pumphandle.store.identified import linking
from pumphandle.store.reference import nation, postcodes
from pumphandle.tracing.households import household_keys
from pumphandle.vocabulary.people import Actor


@dataclass(frozen=True)
class DayLinked:
    """What linking a day did."""

    records: int
    new_persons: int
    unplaced_today: int
    unplaced_waiting: int
    tests: int
    positives: int
    cases: int


def link(
    day: date, *, since: date, waiting: int, tx: Transaction, lake: Lake, key: bytes, by: Actor, at: datetime
) -> DayLinked:
    """Everything received after `since` and up to `day`, inside the caller's transaction.

    since : the last day that was linked; waiting : records that waited for a place then
    key : the nation's pseudonym key, without which no person key can be minted
    """
    news = linking.unlinked(tx, after=since, to=day)
    before = linking.states(tx, news["record_key"])
    named, new_persons = _with_persons(tx, news, before, day=day, key=key)
    after = _placed(tx, named, before, day=day, key=key)
    linking.put_records(tx, after)
    told = changes(before, after)
    linking.add_changes(tx, told.with_columns(linked_on=pl.lit(day)))
    contributions = pl.concat([of_records(before, after), _episodes(tx, before, after)])
    contributions = contributions.with_columns(report_date=pl.lit(day)).sort("measure", "contribution", "sign")
    lake.add(tx, "events", contributions, report_date=day, at=at)
    lake.add(tx, "triangle", triangle(contributions).with_columns(report_date=pl.lit(day)), report_date=day, at=at)
    done = DayLinked(
        records=news.height,
        new_persons=new_persons,
        unplaced_today=_unplaced(after),
        unplaced_waiting=waiting + _unplaced(after) - _unplaced(before),
        tests=_net(contributions, "tests"),
        positives=_net(contributions, "positives"),
        cases=_net(contributions, "cases"),
    )
    audit.add(tx, deed="link", subject={"day": str(day), "records": done.records, "changes": told.height}, by=by, at=at)
    return done


def _with_persons(
    tx: Transaction, news: pl.DataFrame, before: pl.DataFrame, *, day: date, key: bytes
) -> tuple[pl.DataFrame, int]:
    rule = nation.nation(tx).identifier
    previous = before.select("record_key", previous="person_key")
    known_as = (
        news.with_columns(valid_id=valid(rule, pl.col("national_id")))
        .join(previous, on="record_key", how="left")
        .sort("record_key")
    )
    demographic = demographic_keys(
        key, known_as.select("family_name", "given_name", pl.col("date_of_birth").cast(pl.String)).iter_rows()
    )
    said = known_as.with_columns(pl.Series("demographic_key", demographic, dtype=pl.String))
    lines = [
        Line(*row)
        for row in said.select("record_key", "version", "valid_id", "demographic_key", "previous").iter_rows()
    ]
    sharing = linking.persons_sharing(
        tx,
        national_ids={line.national_id for line in lines if line.national_id},
        demographic_keys={line.demographic_key for line in lines if line.demographic_key},
        person_keys={line.previous for line in lines if line.previous},
    )
    linked = link_people(lines, sharing, key=key)
    linking.add_persons(tx, linked.new, first_seen=day)
    linking.learn_identifiers(tx, linked.learnt)
    keys = pl.Series("person_key", [linked.keys[record] for record in known_as["record_key"]], dtype=pl.String)
    return known_as.with_columns(keys).drop("valid_id", "previous"), len(linked.new)


def _placed(tx: Transaction, named: pl.DataFrame, before: pl.DataFrame, *, day: date, key: bytes) -> pl.DataFrame:
    about = nation.nation(tx)
    rules = PostcodeRules(about.postcode_pattern, about.postcode_elsewhere, about.postcode_pseudo)
    written = named.select(written_in(pl.col("address"), rules)).to_series()
    placed = resolve(named, postcodes.lookup_of(tx, normalise(named["postcode"]), written), rules)
    homes = placed.select("address", "postcode").iter_rows()
    return placed.join(
        before.select("record_key", known_since="report_date"), on="record_key", how="left"
    ).with_columns(
        pl.Series("household_key", household_keys(key, homes), dtype=pl.String),
        age_band(),
        responsible_authority=pl.col("district"),
        place_given=pl.lit(None, pl.String),
        report_date=pl.col("known_since").fill_null(day),
        linked_on=pl.lit(day),
    )


def _episodes(tx: Transaction, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Contributions to cases; the episodes of everyone whose positives moved are told anew from all their positives."""
    days = thresholds.current(tx, "episode_days").value
    positive = pl.col("result") == "positive"
    concerned = (
        pl.concat([frame.filter(positive).select("person_key") for frame in (before, after)])
        .unique()
        .sort("person_key")
    )
    positives = linking.positives_of(tx, concerned["person_key"])
    stored = linking.episodes_of_concerned(tx)
    columns = list(linking.EPISODE_SCHEMA)
    current = (
        episodes(positives, days=int(days))
        .rename({"specimen_date": "start_date", "record_key": "first_record"})
        .select(columns)
    )
    linking.replace_episodes_of_concerned(tx, current)
    return of_episodes(stored, current)


def _unplaced(records: pl.DataFrame) -> int:
    return records.filter(pl.col("district").is_null() & (pl.col("kind") != "retracted")).height


def _net(contributions: pl.DataFrame, measure: str) -> int:
    return int(contributions.filter(pl.col("measure") == measure)["sign"].cast(pl.Int64).sum())
