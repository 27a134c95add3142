"""An error that nobody foresaw says its kind and place, never what it quotes: a log must not hold a person."""

import subprocess
import sys

import psycopg
import pytest

from pumphandle.store.engine import Database
from tests.conftest import DatabaseUrls

FAULT = """
import sys
from pumphandle.cli import main as door

@door.app.command()
def fault() -> None:
    raise KeyError("9990000018 Quill")

sys.argv = ["pumphandle", "fault"]
door.main()
"""


def test_the_command_line_withholds_what_an_unforeseen_error_quotes() -> None:
    done = subprocess.run([sys.executable, "-c", FAULT], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "KeyError" in done.stderr
    assert "fault:7" in done.stderr  # the line of the raise in FAULT
    assert "Quill" not in done.stdout + done.stderr


def test_the_database_s_errors_quote_no_value(database_urls: DatabaseUrls) -> None:
    database = Database(database_urls.deeds)
    person = (
        "insert into identified.person (person_key, national_id, first_seen) "
        "values (gen_random_uuid(), '9990000018', '2020-06-01')"
    )
    with pytest.raises(psycopg.errors.UniqueViolation) as twice, database.transaction() as tx:
        tx.execute(person.encode())
        tx.execute(person.encode())
    with pytest.raises(psycopg.errors.InvalidDatetimeFormat) as unreadable, database.transaction() as tx:
        tx.execute(b"select 'Quill'::date")
    database.close()
    assert "one_person_an_identifier" in str(twice.value)
    for fault in (twice, unreadable):
        assert "9990000018" not in str(fault.value)
        assert "Quill" not in str(fault.value)
        assert fault.value.__suppress_context__
