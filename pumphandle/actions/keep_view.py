"""Keep a view of the line list under a name, for oneself or the team; drop one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pumphandle.actions.look import looking
from pumphandle.governance import policy
from pumphandle.store.decisions import audit, views
from pumphandle.store.engine import Database
from pumphandle.vocabulary.errors import NotFound, NotUnderstood
from pumphandle.vocabulary.people import Actor

LONGEST_NAME: Final = 60


def keep_view(
    database: Database, name: str, question: Mapping[str, str], *, shared: bool, by: Actor, at: datetime
) -> None:
    """question : fields of the line list's address; a search is never among them. Raises NotUnderstood."""
    with looking(database, "keep_view", by=by, at=at) as tx:
        authority = policy.own_authority(policy.check_can_see_facts, by)
        given = " ".join(name.split())
        if not given or len(given) > LONGEST_NAME:
            raise NotUnderstood(f"Give the view a name of at most {LONGEST_NAME} characters, without a person in it.")
        if "search" in question:
            raise NotUnderstood("A searched name or postcode is not kept in a view. Keep the filters alone.")
        views.keep(
            tx, authority=authority, user_name=by.name, name=given, question=dict(question), shared=shared, at=at
        )
        audit.add(tx, deed="keep_view", subject={"filters": sorted(question), "shared": shared}, by=by, at=at)


def drop_view(database: Database, view_id: int, *, by: Actor, at: datetime) -> None:
    """Raises NotFound for what is not the person's own."""
    with looking(database, "keep_view", by=by, at=at) as tx:
        policy.own_authority(policy.check_can_see_facts, by)
        if not views.drop(tx, view_id, user_name=by.name):
            raise NotFound("There is no such view of yours.")
        audit.add(tx, deed="keep_view", subject={"dropped": view_id}, by=by, at=at)
