"""The public site's role opens the published and reference shelves and nothing else; what is published only grows."""

import psycopg
import pytest

from tests.conftest import DatabaseUrls

OPEN = {"published", "reference"}
SEALED = {("published", "ledger")}
"""Read through the view ledger_shown, in which recalled numbers are gone."""
REFUSED = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)
"""The second: a view that joins tables cannot be written to by anybody."""
PERSONAL = {
    "national_id", "family_name", "given_name", "date_of_birth", "address", "phone", "person_key", "household_key",
    "record_key", "specimen_id", "demographic_key", "full_name", "user_name", "contribution", "content",
}  # fmt: skip


def columns(url: str) -> list[tuple[str, str, str]]:
    """Every (schema, table, column) of ours, whoever may read it."""
    with psycopg.connect(url) as connection:
        return connection.execute(
            "select n.nspname::text, c.relname::text, a.attname::text from pg_attribute a"
            " join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace"
            " where c.relkind in ('r', 'v', 'm') and a.attnum > 0 and not a.attisdropped"
            " and n.nspname in ('reference', 'events', 'identified', 'decisions', 'published')"
        ).fetchall()


def test_the_public_role_opens_two_shelves_and_no_other(database_urls: DatabaseUrls) -> None:
    tables = {(schema, table) for schema, table, _ in columns(database_urls.owner)}
    assert {schema for schema, _ in tables} == {*OPEN, "events", "identified", "decisions"}
    with psycopg.connect(database_urls.public, autocommit=True) as connection:
        for schema, table in sorted(tables):
            asked = f"select * from {schema}.{table} limit 1".encode()
            if (schema, table) in SEALED:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(asked)
            elif schema in OPEN:
                connection.execute(asked)
            else:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(asked)


def test_the_public_role_writes_nothing(database_urls: DatabaseUrls) -> None:
    with psycopg.connect(database_urls.public, autocommit=True) as connection:
        for schema, table in sorted({(schema, table) for schema, table, _ in columns(database_urls.owner)}):
            for attempt in (f"delete from {schema}.{table}", f"insert into {schema}.{table} default values"):
                with pytest.raises(REFUSED):
                    connection.execute(attempt.encode())


def test_no_column_of_an_open_shelf_is_about_a_person(database_urls: DatabaseUrls) -> None:
    found = columns(database_urls.owner)
    assert {column for schema, _, column in found if schema == "identified"} >= {"family_name", "person_key"}
    assert [row for row in found if row[0] in OPEN and row[2] in PERSONAL] == []


RELEASE = (
    "insert into published.release values ('2020-06-01', 1, '2020-06-01', now(), 1, '{}', '{}', '{}', '', 'h1');"
    "insert into published.ledger values (1, '2020-06-01', 'A', 'small_area', 'cases', 'all', null, null,"
    " '2020-06-01', '2020-06-01', 7, 'exact')"
)


@pytest.mark.parametrize(
    "attempt",
    [
        "update published.ledger set value = 6",
        "delete from published.ledger",
        "truncate published.ledger cascade",
        "update published.release set hash = 'h2'",
        "delete from published.release",
        "update decisions.audit set deed = 'nothing'",
        "delete from decisions.threshold",
    ],
)
def test_what_is_published_and_remembered_only_grows(database_urls: DatabaseUrls, attempt: str) -> None:
    for url in (database_urls.owner, database_urls.deeds):
        with psycopg.connect(url) as connection:
            if url == database_urls.owner:
                connection.execute(RELEASE.encode())
                connection.commit()
            with pytest.raises(psycopg.Error, match=r"only ever added to|permission denied"):
                connection.execute(attempt.encode())
