"""Rows of two authorities in every table that belongs to somebody, each with a word that can be searched for."""

import uuid
from dataclasses import dataclass, field
from typing import Any, Final, LiteralString

import psycopg
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

AUTHORITIES: Final = ("NOR", "SOU")
DAY: Final = "2020-06-30"
NOON: Final = "2020-06-30T12:00Z"
MACHINE_TOKEN: Final = "planted-machine-token"
AREAS: Final = {"NOR": "N2", "SOU": "S1"}
POSTCODES: Final = {"NOR": "NX11XX", "SOU": "SX11XX"}
"""Of the country, and of nobody who is planted."""
SENT_ON: Final = {"NOR": "Many03", "SOU": "Marrow"}
PERSONS: Final = {"NOR": "Ada", "SOU": "Marrow"}


@dataclass(frozen=True)
class Shelf:
    """Whose a table's rows are, and who may touch them through the console's door.

    owner : SQL of the owner of a row, an array
    local : roles that see their own authority's rows; wide : roles that see everybody's
    change, add : roles that may update or insert their own authority's; change_wide, add_wide : everybody's
    """

    owner: LiteralString = "array[authority]"
    local: frozenset[str] = field(default_factory=frozenset)
    wide: frozenset[str] = field(default_factory=frozenset)
    change: frozenset[str] = field(default_factory=frozenset)
    change_wide: frozenset[str] = field(default_factory=frozenset)
    add: frozenset[str] = field(default_factory=frozenset)
    add_wide: frozenset[str] = field(default_factory=frozenset)


def _roles(words: str) -> frozenset[str]:
    return frozenset(words.split())


_FACTS: Final = _roles("director analyst tracer")
_TRACE: Final = _roles("director tracer")
_DIRECTOR, _NATIONAL, _STEWARD = (_roles(one) for one in ("director", "national", "steward"))
_OF_CLUSTER: Final = "array[split_part(cluster_id, '/', 1)]"
_OF_CONCERN: Final = "array[(array['NOR', 'SOU'])[concern_id]]"
_SIGNALS: Final = Shelf(local=_FACTS, wide=_NATIONAL)
_WORK: Final = Shelf(local=_TRACE, change=_TRACE, add=_TRACE)

SHELVES: Final[dict[str, Shelf]] = {
    "decisions.signal": _SIGNALS,
    "decisions.signal_of_areas": Shelf("array[district]", local=_FACTS, wide=_NATIONAL),
    # nothing that is planted is escalated: so the national centre may not decide about it
    "decisions.cluster": Shelf(local=_FACTS, wide=_NATIONAL, change=_DIRECTOR),
    "decisions.cluster_day": Shelf(_OF_CLUSTER, local=_FACTS, wide=_NATIONAL),
    "decisions.cluster_step": Shelf(_OF_CLUSTER, local=_FACTS, wide=_NATIONAL, add=_DIRECTOR),
    "decisions.outbreak": Shelf(local=_FACTS, wide=_NATIONAL, change=_DIRECTOR, add=_DIRECTOR),
    "decisions.control_measure": Shelf(local=_FACTS, wide=_NATIONAL, change=_DIRECTOR, add=_DIRECTOR),
    "decisions.nowcast": _SIGNALS,
    "decisions.growth": _SIGNALS,
    "decisions.forecast": _SIGNALS,
    "decisions.draft_window": Shelf("array[district]", local=_roles("director analyst"), wide=_roles("reviewer")),
    "decisions.concern": Shelf(
        "array[body]", local=_roles("director analyst"), wide=_NATIONAL, change_wide=_NATIONAL,
        add=_roles("director analyst"), add_wide=_NATIONAL,
    ),
    "decisions.concern_step": Shelf(
        _OF_CONCERN, local=_roles("director analyst"), wide=_NATIONAL, add=_roles("director analyst"),
        add_wide=_NATIONAL,
    ),
    "decisions.hold": Shelf(
        "array[body]", local=_roles("director analyst"), wide=_NATIONAL, change=_DIRECTOR, change_wide=_NATIONAL,
        add=_DIRECTOR, add_wide=_NATIONAL,
    ),
    "decisions.audit": Shelf(local=_DIRECTOR, wide=_roles("auditor"), add=_DIRECTOR),
    "decisions.agreement": Shelf(
        local=_roles("director analyst tracer receiver"), wide=_roles("steward national"), change=_DIRECTOR,
        change_wide=_STEWARD, add_wide=_STEWARD,
    ),
    "decisions.agreement_step": Shelf(
        local=_roles("director analyst tracer receiver"), wide=_roles("steward national"), add=_DIRECTOR,
        add_wide=_STEWARD,
    ),
    "decisions.watch": Shelf("authorities", local=_FACTS, wide=_roles("steward national reviewer auditor")),
    "decisions.saved_view": Shelf(local=_FACTS, change=_FACTS, add=_FACTS),
    "decisions.purge": Shelf(local=_roles("director analyst"), wide=_roles("steward national auditor")),
    "decisions.resting_key": Shelf(local=_roles("director analyst"), wide=_roles("steward national auditor")),
    "decisions.export": Shelf(local=_FACTS, change=_FACTS, add=_FACTS),
    # read by a third: only who reads may open one, and only with a role that serves the reader's authority
    "decisions.break_glass": Shelf(
        local=_DIRECTOR, wide=_roles("national auditor"), change=_DIRECTOR, change_wide=_NATIONAL
    ),
    "identified.record": Shelf("array[district]", local=_FACTS),
    "identified.episode": Shelf("array[district]", local=_FACTS),
    "identified.change": Shelf(local=_FACTS),
    "identified.cluster_case": Shelf(local=_FACTS),
    "identified.delivery": Shelf(local=_FACTS | _roles("receiver")),
    "identified.receipt": Shelf(
        local=_FACTS | _roles("receiver"), wide=_roles("steward national"), add=_roles("director receiver")),
    "identified.setting": _WORK,
    "identified.visit": _WORK,
    "identified.contact": _WORK,
    "identified.contact_step": Shelf(
        "array[case right(contact_id::text, 1) when '1' then 'NOR' else 'SOU' end]", local=_TRACE, add=_TRACE
    ),
    "identified.membership": Shelf(local=_TRACE),
    "identified.case_set": Shelf(local=_TRACE),
    "identified.set_state": Shelf("array[split_part(set_id, '-', 1)]", local=_TRACE),
    "identified.flare_case": Shelf(local=_TRACE),
    "identified.flare_state": Shelf("array[split_part(flare_id, '-', 1)]", local=_TRACE),
    # handed to a third: only the receiver may change it
    "identified.contact_handover": Shelf("array[giver]", local=_TRACE, add=_TRACE),
    "identified.link": Shelf("array[earlier_authority, later_authority]", local=_TRACE),
    "identified.full_state_request": Shelf(local=_DIRECTOR, add=_DIRECTOR),
    "identified.misroute": Shelf(
        "array[from_authority, case when arrived then to_authority end]", local=_FACTS, wide=_roles("steward national"),
        add=_TRACE,
    ),
    "identified.recall_receipt": Shelf(local=_FACTS, wide=_roles("steward national")),
    "identified.outbox": Shelf(local=_roles("director analyst"), wide=_roles("steward national")),
    # open to all who read; only who may add to them is somebody's
    "published.hold_entry": Shelf("array[body]", add=_DIRECTOR, add_wide=_NATIONAL),
    "published.context_note": Shelf("array[body]", add=_roles("director analyst"), add_wide=_NATIONAL),
    "published.concern_outcome": Shelf("array[body]", add_wide=_NATIONAL),
}  # fmt: skip

BEFORE_ANYBODY_IS_KNOWN: Final = {"decisions.account", "decisions.machine"}
"""Who asks is found in them, so they cannot ask who asks."""

NOT_BEHIND_THIS_DOOR: Final = {"decisions.recipient", "decisions.receiver", "decisions.canary"}
"""Tables with an authority that the console's door does not open at all."""


def word(authority: str, of: str) -> str:
    """What is planted in a row: nobody else's page may hold it."""
    return f"Zq{authority}{of}"


WORDS: Final = {
    "outbreak": "decisions.outbreak",
    "step": "decisions.cluster_step",
    "old": "decisions.signal_of_areas",
    "concern": "decisions.concern",
    "note": "decisions.concern_step",
    "hold": "decisions.hold",
    "contact": "identified.contact",
    "answer": "identified.contact_step",
    "setting": "identified.setting",
    "agreement": "decisions.agreement",
    "agreed": "decisions.agreement_step",
    "asked": "identified.full_state_request",
    "receipt": "identified.receipt",
    "looker": "decisions.audit",
    "tombstone": "identified.misroute",
    "measure": "decisions.control_measure",
    "given": "identified.contact_handover",
    "view": "decisions.saved_view",
    "copy": "decisions.export",
    "reader": "decisions.break_glass",
}
"""What is planted, and in which table: every page is searched for the words of tables that its reader may not see."""


def contact_of(authority: str, place: int = 1) -> str:
    """The key of an authority's first, second … contact: whose it is stands in its last digit."""
    return str(uuid.UUID(int=16 * place + 1 + AUTHORITIES.index(authority)))


def owned_by(connection: psycopg.Connection[Any], table: str, authority: str) -> list[Any]:
    """A table's rows that are this authority's, as text."""
    schema, name = table.split(".")
    return connection.execute(
        SQL("select t::text from {table} t where %s = any ({owner}) order by 1").format(
            table=Identifier(schema, name), owner=SQL(SHELVES[table].owner)
        ),
        [authority],
    ).fetchall()


def everything_of(connection: psycopg.Connection[Any], authority: str) -> dict[str, list[Any]]:
    """All that an authority has, to be compared with what it had."""
    return {table: owned_by(connection, table, authority) for table in SHELVES}


def plant(connection: psycopg.Connection[Any], records: dict[str, str]) -> None:
    """On top of the small world and its draft. Concerns, holds and contacts are numbered 1 for NOR, 2 for SOU."""
    for number, authority in enumerate(AUTHORITIES, 1):
        connection.execute(
            "insert into reference.postcode (postcode, small_area, vintage) values (%s, %s, '2020')",
            [POSTCODES[authority], AREAS[authority]],
        )
        _of_signals(connection, authority)
        _of_releases(connection, authority, number)
        _of_tracing(connection, authority, records[PERSONS[authority]])
        _of_deliveries(connection, authority, records[PERSONS[authority]], records[SENT_ON[authority]])
    tell = connection.execute
    for name, value in (("link_days", "14"), ("reach_hours", "24"), ("check_hours", "24"), ("isolation_days", "14")):
        tell("insert into decisions.threshold values (%s, 1, %s::jsonb, 'x', %s, 'x')", [name, value, DAY])
    tell(
        "insert into decisions.machine values ('nor-machine', 'NOR', '{}', %s, 'x', null)",
        [NOON],
    )
    tell(
        "insert into decisions.machine_token values (encode(sha256(%s), 'hex'), 'nor-machine', '2099-01-01')",
        [MACHINE_TOKEN.encode()],
    )


def _of_signals(connection: psycopg.Connection[Any], authority: str) -> None:
    tell, cluster = connection.execute, f"{authority}/{DAY}/sars_cov_2/1"
    tell(
        "insert into decisions.signal_of_areas select %s, %s, %s, %s, 'm', 1, 1, 1, 1, 1, 0.1, 9, false, %s, 1",
        [f"{cluster}/old", DAY, AREAS[authority], authority, word(authority, "old")],
    )
    tell(
        "insert into decisions.cluster_step (cluster_id, event, status, reason, by_name, by_role, at) "
        "values (%s, 'raise', 'raised', %s, 'x', 'director', %s)",
        [cluster, word(authority, "step"), NOON],
    )
    tell(
        "insert into decisions.outbreak (outbreak_id, cluster_id, authority, name, reason, declared_at, declared_by) "
        "values (%s, %s, %s, %s, 'x', %s, 'x')",
        [f"{authority}-1", cluster, authority, word(authority, "outbreak"), NOON],
    )
    tell("insert into decisions.nowcast values (%s, 'sars_cov_2', %s, %s, 3, 0.9, 3, 3, 4)", [DAY, authority, DAY])
    tell(
        "insert into decisions.control_measure (outbreak_id, authority, what, first_day, added_at, added_by) "
        "values (%s, %s, %s, %s, %s, 'x')",
        [f"{authority}-1", authority, word(authority, "measure"), DAY, NOON],
    )
    tell("insert into decisions.growth values (%s, 'sars_cov_2', %s, 0.1, 0, 0.2, 7)", [DAY, authority])
    tell(
        "insert into decisions.forecast values (%s, 'sars_cov_2', %s, %s::date + 1, '{1,2,3,4,5,6,7}', 0.9)",
        [DAY, authority, DAY],
    )


def _of_releases(connection: psycopg.Connection[Any], authority: str, number: int) -> None:
    tell, area = connection.execute, AREAS[authority]
    tell(
        "insert into decisions.concern (kind, area_code, product, first_day, statement, evidence, body, raised_by, "
        "raised_at, state, since, desk, outcome) "
        "values ('accuracy', %s, 'cases', %s, %s, 'x', %s, 'x', %s, 'RAISED', %s, 0, '')",
        [area, DAY, word(authority, "concern"), authority, NOON, NOON],
    )
    tell(
        "insert into decisions.concern_step (concern_id, event, before, after, at, by_name, note) "
        "values (%s, 'raise', '', 'RAISED', %s, 'x', %s)",
        [number, NOON, word(authority, "note")],
    )
    tell(
        "insert into decisions.hold (area_code, product, body, category, answer, reason, own, placed_by, placed_at, "
        "review_at, expires_at, outcome) values (%s, 'cases', %s, 'accuracy', 'hold cases and tests', %s, true, 'x', "
        "%s, '2020-07-01T12:00Z', '2020-07-02T12:00Z', '')",
        [authority, authority, word(authority, "hold"), NOON],
    )
    tell(
        "insert into published.hold_entry (hold_id, entry, at, area_code, product, answer, body, category, since, "
        "review_at, expires_at, outcome) values (%s, 'placed', %s, %s, 'cases', 'x', %s, 'accuracy', %s, %s, %s, '')",
        [number, NOON, area, authority, NOON, NOON, NOON],
    )
    tell(
        "insert into published.context_note (area_code, at, body, note) values (%s, %s, %s, 'public')",
        [area, NOON, authority],
    )
    tell(
        "insert into published.concern_outcome values (%s, 'accuracy', %s, 'cases', %s, %s, 'UPHELD', 'x', %s)",
        [number, area, authority, DAY, NOON],
    )


def _of_tracing(connection: psycopg.Connection[Any], authority: str, case: str) -> None:
    tell, contact = connection.execute, contact_of(authority)
    tell(
        "insert into identified.episode select person_key, pathogen, specimen_date, record_key, small_area, district, "
        "household_key, age_band, sex from identified.record where record_key = %s",
        [case],
    )
    row = tell(
        "insert into identified.setting (authority, kind, name, postcode, small_area, changed_at, changed_by) "
        "values (%s, 'school', %s, 'XX11XX', %s, %s, 'x') returning setting_id",
        [authority, word(authority, "setting"), AREAS[authority], NOON],
    ).fetchone()
    assert row is not None
    tell(
        "insert into identified.visit (authority, person_key, case_key, day, setting_id, source, added_at, added_by) "
        "select %s, person_key, record_key, %s, %s, 'interview', %s, 'x' from identified.record where record_key = %s",
        [authority, DAY, row[0], NOON, case],
    )
    tell(
        "insert into identified.contact (contact_id, authority, case_key, case_authority, family_name, kind, "
        "exposure_day, state, since, due, named_at, named_by) "
        "values (%s, %s, %s, %s, %s, 'other', %s, 'to_reach', %s, %s, %s, 'x')",
        [contact, authority, case, authority, word(authority, "contact"), DAY, NOON, NOON, NOON],
    )
    tell(
        "insert into identified.contact_step values (%s, 1, 'name', 'to_reach', %s, 'x', %s)",
        [contact, NOON, Jsonb({"told": word(authority, "answer")})],
    )
    tell(
        "insert into identified.membership select 'household', %s, record_key, person_key, %s, %s, 'address' "
        "from identified.record where record_key = %s",
        [f"{authority}-home", authority, DAY, case],
    )
    tell("insert into identified.case_set values (%s, %s, %s, %s, %s)", [f"{authority}-set", case, authority, DAY, DAY])
    tell("insert into identified.set_state values (%s, %s, 'new', 2, 2, %s, null)", [f"{authority}-set", DAY, DAY])
    tell(
        "insert into identified.flare_case values (%s, %s, %s, %s, %s)",
        [f"{authority}-flare", case, authority, DAY, DAY],
    )
    tell("insert into identified.flare_state values (%s, %s, 'new', 2, 2, %s, null)", [f"{authority}-flare", DAY, DAY])
    tell(
        "insert into identified.contact_handover (handover_id, given_contact, taken_contact, giver, receiver, reason, "
        "given_at, given_by, state) values (%s, %s, %s, %s, 'ELS', %s, %s, 'x', 'to_reach')",
        [uuid.uuid4(), contact, uuid.uuid4(), authority, word(authority, "given"), NOON],
    )
    tell(
        "insert into identified.link values ('household', %s, %s, %s, %s, 0, 'strong', 'address', %s, %s, %s)",
        [f"{authority}-home", case, uuid.uuid4(), DAY, authority, authority, DAY],
    )
    tell(
        "insert into identified.cluster_case values (%s, %s, %s, %s, %s) on conflict do nothing",
        [f"{authority}/{DAY}/sars_cov_2/1", case, authority, DAY, DAY],
    )


def _of_deliveries(connection: psycopg.Connection[Any], authority: str, case: str, sent_on: str) -> None:
    tell = connection.execute
    tell(
        "update decisions.agreement set legal_basis = %s where authority = %s",
        [word(authority, "agreement"), authority],
    )
    tell(
        "insert into decisions.agreement_step (authority, step, before, after, at, by_name, by_role, reason) "
        "values (%s, 'activate', 'SIGNED', 'ACTIVE', %s, 'x', 'director', %s)",
        [authority, NOON, word(authority, "agreed")],
    )
    tell("insert into identified.full_state_request values (%s, %s, %s)", [authority, NOON, word(authority, "asked")])
    tell(
        "insert into identified.receipt values (%s, %s, 'available', %s, %s)",
        [authority, DAY, NOON, word(authority, "receipt")],
    )
    tell("insert into decisions.receiver values (%s, 'shelf', 'folder', '{}', %s, 'x')", [authority, NOON])
    tell(
        "insert into identified.outbox (authority, delivery_date, receiver, next_at) values (%s, %s, 'shelf', %s)",
        [authority, DAY, NOON],
    )
    tell(
        "insert into decisions.watch (watch_date, laboratory, kind, severity, sentence, authorities) "
        "values (%s, %s, 'silent', 'alarm', 'x', %s)",
        [DAY, f"lab-{authority}", [authority]],
    )
    tell(
        "insert into decisions.saved_view (authority, user_name, name, question, shared, made_at) "
        "values (%s, %s, %s, '{}', true, %s)",
        [authority, f"team-{authority}", word(authority, "view"), NOON],
    )
    tell(
        "insert into decisions.export values (%s, %s, 'line list', '{}', '{}', %s, 'x', %s, '2099-01-01', 'asked', "
        "null, null, null, 0, null)",
        [f"{authority}-copy", authority, word(authority, "copy"), NOON],
    )
    tell("insert into decisions.resting_key values (%s, '2020-06-01', %s, null)", [authority, NOON])
    tell(
        "insert into decisions.purge (authority, purged_at, by_name, retention_days, before, records, cases, persons, "
        "packages, exports, months_closed) values (%s, %s, 'x', 365, %s, 1, 1, 1, 1, 0, '{}')",
        [authority, NOON, DAY],
    )
    tell(
        "insert into decisions.break_glass (glass_id, authority, user_name, user_authority, purpose, opened_at, "
        "ends_at, review_due) values (%s, %s, %s, 'ELS', 'life_at_risk', '2020-06-30T11:00Z', '2020-06-30T14:00Z', "
        "'2020-07-03T11:00Z')",
        [f"{authority}-glass", authority, word(authority, "reader")],
    )
    row = tell(
        "insert into identified.misroute (record_key, from_authority, to_authority, reason, laboratory, by_name, "
        "said_at, sent_on, arrived) values (%s, %s, 'ELS', 'moved away', 'northlab', %s, %s, %s, true) "
        "returning misroute_id",
        [sent_on, authority, word(authority, "tombstone"), NOON, DAY],
    ).fetchone()
    assert row is not None
    tell("insert into identified.recall_receipt values (%s, %s, %s, %s)", [authority, row[0], DAY, DAY])
    tell(
        "insert into decisions.audit (at, by_name, by_role, authority, deed, subject, purpose) "
        "values (%s, %s, 'director', %s, 'look_record', %s, 'outbreak')",
        ["2020-06-30T11:00Z", word(authority, "looker"), authority, Jsonb({"records": [case], "record_key": case})],
    )
