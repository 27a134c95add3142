"""Link the news, as it comes or with its day: to a person, a household, a place, an episode, and to every authority; a
day's counts are told once, when the day is closed."""

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from typing import Final

import polars as pl

from pumphandle.delivery.canary import without
from pumphandle.delivery.recipients import changes
from pumphandle.geography.postcodes import PostcodeRules, normalise, resolve, written_in
from pumphandle.identity.descriptions import described
from pumphandle.identity.identifiers import valid
from pumphandle.identity.linkage import LINE_SCHEMA, Linked, unsettled
from pumphandle.identity.linkage import link as link_people
from pumphandle.identity.scoring import model
from pumphandle.linelist.ages import age_band
from pumphandle.linelist.contributions import of_episodes, of_records, together, triangle
from pumphandle.linelist.episodes import episodes
from pumphandle.store.decisions import audit, canaries, thresholds, watch
from pumphandle.store.engine import Transaction, meanwhile
from pumphandle.store.events import early
from pumphandle.store.events.lake import Lake
from pumphandle.store.identified import linking, rounds
from pumphandle.store.reference import areas, nation, postcodes
from pumphandle.tracing.households import household_keys
from pumphandle.vocabulary.people import Actor
from pumphandle.vocabulary.places import AreaLevel

QUEUE_OWNER: Final = "steward"
DAYS_TO_DECIDE: Final = 7


@dataclass(frozen=True)
class DayLinked:
    """What linking a day did."""

    records: int
    new_persons: int
    possible_matches: int
    doubted_identifiers: int
    unplaced_today: int
    unplaced_waiting: int
    tests: int
    positives: int
    cases: int


@dataclass(frozen=True)
class _Ground:
    """What places are read by. lookup : LOOKUP_SCHEMA; lies_in : place_given, given_small, given_district."""

    rules: PostcodeRules
    lookup: pl.DataFrame
    lies_in: pl.DataFrame


@dataclass(frozen=True)
class _News:
    """What linking some news came to. unplaced_before : of the records before, those without a place"""

    contributions: pl.DataFrame
    told: int
    records: int
    new_persons: int
    possible: int
    doubted: int
    unplaced: int
    unplaced_before: int


def link(
    day: date, *, since: date, waiting: int, tx: Transaction, lake: Lake, key: bytes, by: Actor, at: datetime
) -> DayLinked:
    """Everything received after `since` and up to `day` that no round has linked, inside the caller's transaction; with
    what the rounds have linked it makes the day, which is closed.

    since : the last day that was linked; waiting : records that waited for a place then
    key : the nation's pseudonym key, without which no person key can be minted
    """
    earlier = rounds.open_until(tx, day)
    files = rounds.files_left(tx, first=since + timedelta(days=1), last=day) if earlier else None
    linking.prepare(tx)
    last = _linked(linking.unlinked(tx, after=since, to=day, files=files), day=day, tx=tx, key=key)
    contributions = last.contributions
    if earlier:
        contributions = together(pl.concat([early.waiting(tx, to=day), contributions]))
        early.clear(tx, to=day)
        rounds.close(tx, day)
    contributions = contributions.with_columns(report_date=pl.lit(day)).sort("measure", "contribution", "sign")
    lake.add(tx, "events", contributions, report_date=day, at=at)
    lake.add(tx, "triangle", triangle(contributions).with_columns(report_date=pl.lit(day)), report_date=day, at=at)
    done = _of_day(_account(last), earlier, contributions, waiting=waiting)
    audit.add(tx, deed="link", subject={"day": str(day), "records": done.records, "changes": last.told}, by=by, at=at)
    return done


def link_round(day: date, *, tx: Transaction, key: bytes, by: Actor, at: datetime) -> DayLinked | None:
    """What came for `day` since the last round, inside the caller's transaction; None where nothing did.

    From its end on every authority sees its own of it. Nothing is counted yet: the day's linking does that.
    """
    files = rounds.files_left(tx, first=day, last=day)
    if not files and not linking.deeds_left(tx, day):
        return None
    linking.prepare(tx)
    news = linking.unlinked(tx, after=day - timedelta(days=1), to=day, files=files)
    last = _linked(news, day=day, tx=tx, key=key)
    early.add(tx, day, last.contributions)
    done = _account(last)
    round_id = rounds.add(tx, day, files, asdict(done), at=at)
    subject: dict[str, object] = {"day": str(day), "round": round_id, "records": done.records, "changes": last.told}
    audit.add(tx, deed="link_round", subject=subject, by=by, at=at)
    return done


def _linked(news: pl.DataFrame, *, day: date, tx: Transaction, key: bytes) -> _News:
    before = linking.states(tx, news.filter(pl.col("version") > 1)["record_key"])  # a first event has nothing before it
    invented = canaries.invented(tx)  # told to their authorities like anybody, and counted nowhere
    linked = _persons(tx, news, before, key=key)
    ground = _ground(tx, news)
    with meanwhile(lambda: _keep_persons(tx, linked, day=day)):
        named = news.join(linked.keys, on="record_key", how="left").drop("person_given")
        after = _placed(named, before, ground, day=day, key=key)
    with meanwhile(lambda: linking.put_records(tx, after, known=before["record_key"])):
        told = changes(before, after)
        was, now = without(before, invented), without(after, invented)
        tested = of_records(was, now)
    possible = _keep_possible(tx, linked.possible, day=day)
    linking.add_changes(tx, told.with_columns(linked_on=pl.lit(day)))
    watch.add_reach(tx, day, now)
    return _News(
        contributions=pl.concat([tested, _episodes(tx, was, now)]),
        told=told.height,
        records=without(news, invented).height,
        new_persons=linked.new.height,
        possible=possible,
        doubted=linked.doubted,
        unplaced=_unplaced(now),
        unplaced_before=_unplaced(was),
    )


def _account(news: _News) -> DayLinked:
    """Of these news alone; `unplaced_waiting` is then by how many more or fewer wait."""
    return DayLinked(
        records=news.records,
        new_persons=news.new_persons,
        possible_matches=news.possible,
        doubted_identifiers=news.doubted,
        unplaced_today=news.unplaced,
        unplaced_waiting=news.unplaced - news.unplaced_before,
        tests=_net(news.contributions, "tests"),
        positives=_net(news.contributions, "positives"),
        cases=_net(news.contributions, "cases"),
    )


def _of_day(last: DayLinked, earlier: list[dict[str, int]], contributions: pl.DataFrame, *, waiting: int) -> DayLinked:
    """The day's account over its rounds and what was left; counts are those that went into the lake."""
    accounts = [*earlier, asdict(last)]
    sums = {one.name: sum(int(each[one.name]) for each in accounts) for one in fields(DayLinked)}
    counted = {f"{measure}": _net(contributions, measure) for measure in ("tests", "positives", "cases")}
    return DayLinked(**sums | counted | {"unplaced_waiting": waiting + sums["unplaced_waiting"]})


def _persons(tx: Transaction, news: pl.DataFrame, before: pl.DataFrame, *, key: bytes) -> Linked:
    """Whom the news are about. Whom an identifier settles costs one look; only the others are weighed."""
    lines = described(
        news.with_columns(national_id=valid(nation.nation(tx).identifier, news["national_id"])).join(
            before.select("record_key", previous="person_key"), on="record_key", how="left"
        )
    ).select(list(LINE_SCHEMA))
    named = linking.persons_named(tx, lines)
    alike = linking.persons_alike(tx, unsettled(lines, named))
    return link_people(lines, named, alike, population=areas.people(tx), using=model(), key=key)


def _keep_persons(tx: Transaction, linked: Linked, *, day: date) -> None:
    linking.add_persons(tx, linked.new, first_seen=day)
    linking.learn_identifiers(tx, linked.learnt)


def _keep_possible(tx: Transaction, possible: pl.DataFrame, *, day: date) -> int:
    due = day + timedelta(days=DAYS_TO_DECIDE)
    return linking.add_possible(tx, possible, found_on=day, owner=QUEUE_OWNER, due_on=due)


def _ground(tx: Transaction, news: pl.DataFrame) -> _Ground:
    about = nation.nation(tx)
    rules = PostcodeRules(about.postcode_pattern, about.postcode_elsewhere, about.postcode_pseudo)
    written = news.select(written_in(pl.col("address"), rules)).to_series()
    lookup = postcodes.lookup_of(tx, normalise(news["postcode"]), written)
    known = areas.areas(tx)
    small = [area.level is AreaLevel.SMALL_AREA for area in known]
    lies_in = pl.DataFrame(
        {
            "place_given": [str(area.area_code) for area in known],
            "given_small": [str(area.area_code) if one else None for area, one in zip(known, small, strict=True)],
            "given_district": [
                str(area.parent if one else area.area_code) for area, one in zip(known, small, strict=True)
            ],
        },
        schema=dict.fromkeys(("place_given", "given_small", "given_district"), pl.String),
    )
    return _Ground(rules, lookup, lies_in)


def _placed(named: pl.DataFrame, before: pl.DataFrame, ground: _Ground, *, day: date, key: bytes) -> pl.DataFrame:
    placed = resolve(named, ground.lookup, ground.rules)
    earlier = before.select("record_key", "report_date", "place_given", "postcode")
    known = earlier.rename(
        {"report_date": "known_since", "place_given": "placed_before", "postcode": "postcode_before"}
    )
    with_home = placed.with_columns(household_keys(key, placed))
    return _as_people_placed(with_home.join(known, on="record_key", how="left"), ground.lies_in).with_columns(
        age_band(),
        responsible_authority=pl.col("district"),
        report_date=pl.col("known_since").fill_null(day),
        linked_on=pl.lit(day),
    )


def _as_people_placed(records: pl.DataFrame, lies_in: pl.DataFrame) -> pl.DataFrame:
    """Where a person decided, their decision holds until the laboratory gives another postcode."""
    same = pl.col("postcode").eq_missing(pl.col("postcode_before"))
    given = records.with_columns(place_given=pl.coalesce("place_given", pl.when(same).then("placed_before")))
    if not given["place_given"].null_count() < given.height:
        return given
    met = given.join(lies_in, on="place_given", how="left", maintain_order="left")
    decided = pl.col("given_district").is_not_null()
    # sent on to an authority without a postcode: theirs, and waiting there for its small area
    return met.with_columns(
        small_area=pl.when(decided).then("given_small").otherwise("small_area"),
        district=pl.when(decided).then("given_district").otherwise("district"),
        placement=pl.when(decided & pl.col("given_small").is_null()).then(pl.lit("conflict")).otherwise("placement"),
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
