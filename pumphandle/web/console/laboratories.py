"""What laboratories are called, as their feed contracts in the nation's folder say."""

from pathlib import Path

from pumphandle.linelist.feeds import FeedContract, read_contracts
from pumphandle.store.reference import nation
from pumphandle.vocabulary.errors import BadDescription
from pumphandle.web.console.house import House
from pumphandle.web.console.visits import Caller


def contracts_of(house: House, caller: Caller) -> tuple[FeedContract, ...]:
    """Raises BadDescription where there is none that can be read."""
    with house.database.transaction(authority=caller.actor.authority, role=caller.actor.role) as tx:
        folder = Path(nation.nation(tx).folder)
    return read_contracts(folder)


def laboratory_names(house: House, caller: Caller) -> dict[str, str]:
    """Code -> name. A page does not fail for a contract that went or cannot be read: then the code has to do."""
    try:
        return {one.laboratory: one.name for one in contracts_of(house, caller)}
    except BadDescription:
        return {}
