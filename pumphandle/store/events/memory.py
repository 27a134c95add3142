"""What planner and attacker remember of each district between days, and what lots are drawn with.

It holds small counts and person keys.
"""

import json
from collections.abc import Mapping

from pumphandle.disclosure.districts import Memory, as_data, from_data
from pumphandle.store.engine import Transaction, copy_rows


def memory(tx: Transaction) -> dict[str, Memory]:
    """By district; none before the first day."""
    rows = tx.execute("select district, memory::text from events.district_memory order by district").fetchall()
    return {str(district): from_data(json.loads(text)) for district, text in rows}


def fingerprint(tx: Transaction) -> str:
    """SHA-256 of all that is remembered."""
    (told,) = tx.execute(
        "select encode(sha256(convert_to(coalesce(string_agg(district || memory::text, '' order by district), ''), "
        "'UTF8')), 'hex') from events.district_memory"
    ).fetchall()
    return str(told[0])


def lots(tx: Transaction) -> bytes:
    """The secret that lots are drawn with; empty where it was lost."""
    row = tx.execute("select secret from events.lots").fetchone()
    return b"" if row is None else bytes(row[0])


def replace(tx: Transaction, districts: Mapping[str, Memory]) -> None:
    """All of them, each day: the day itself is part of what is remembered."""
    tx.execute("delete from events.district_memory")
    rows = ((district, json.dumps(as_data(one))) for district, one in sorted(districts.items()))
    copy_rows(tx, "events.district_memory", ("district", "memory"), rows)
