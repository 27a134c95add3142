"""Opening the house from the command line: settings, database, keys, contracts."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from pumphandle.actions.run_day import Premises
from pumphandle.cli.screen import say
from pumphandle.config import Settings, read
from pumphandle.linelist.feeds import read_contracts
from pumphandle.store import cluster, migrate
from pumphandle.store.decisions import accounts
from pumphandle.store.engine import Database
from pumphandle.store.events.lake import Lake
from pumphandle.store.keys import keys
from pumphandle.store.reference import nation
from pumphandle.vocabulary.errors import NotFound
from pumphandle.vocabulary.people import Actor

EVENING = time(18)


@dataclass(frozen=True)
class House:
    """Opened: settings and one connection string a door."""

    settings: Settings
    owner_url: str = field(repr=False)
    deeds_url: str
    console_url: str
    public_url: str


@contextmanager
def opened() -> Generator[House]:
    """Settings from the environment; the database of DATABASE_URL, else a server of our own in the home."""
    settings = read(os.environ)
    settings.home.mkdir(parents=True, exist_ok=True)
    if settings.database_url and settings.console_database_url and settings.public_database_url:
        migrate.prepare(settings.database_url)
        urls = (settings.console_database_url, settings.public_database_url)
        yield House(settings, settings.database_url, settings.database_url, *urls)
        return
    with cluster.Cluster(settings.home, say=say) as server:
        migrate.prepare(server.url(cluster.OWNER))
        doors = (cluster.OWNER, cluster.DEEDS, cluster.CONSOLE, cluster.PUBLIC)
        yield House(settings, *(server.url(role) for role in doors))


@contextmanager
def deeds() -> Generator[tuple[House, Database]]:
    """The house and its database, as the role that does deeds."""
    with opened() as house:
        database = Database(house.deeds_url)
        try:
            yield house, database
        finally:
            database.close()


def premises(house: House, database: Database) -> Premises:
    """Raises NotFound where no nation is loaded yet, BadDescription for a feed contract that is wrong."""
    with database.transaction() as tx:
        folder = Path(nation.nation(tx).folder)
    settings = house.settings
    return Premises(
        database=database,
        lake=Lake(settings.lake),
        inbox=settings.inbox,
        deliveries=settings.deliveries,
        releases=settings.releases,
        keys=keys(settings.keys),
        contracts=read_contracts(folder),
        canaries=True,
    )


def now() -> datetime:
    """The one clock of the command line."""
    return datetime.now(UTC)


def moment_of(day: date, time_zone: str, *, present: datetime) -> datetime:
    """When a day's deeds are done: now, or, for a day that is over, that evening. A replay then repeats to the byte."""
    zone = ZoneInfo(time_zone)
    return present if day >= present.astimezone(zone).date() else datetime.combine(day, EVENING, zone)


def account_of(database: Database, user_name: str) -> Actor:
    """Who acts by a command that people other than the steward are responsible for. Raises NotFound."""
    with database.transaction() as tx:
        found = accounts.find(tx, user_name)
    if found is None or found.disabled_at is not None:
        raise NotFound(f"There is no open account named {user_name}.")
    return found.actor
