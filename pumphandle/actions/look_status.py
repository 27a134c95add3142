"""What is published, for who judges it by a status rule at the command line: nothing that the public does not have."""

from dataclasses import dataclass

from pumphandle.publication.edition import Edition, Release, edition_of
from pumphandle.publication.status.inputs import Exclusion
from pumphandle.publication.status.judging import rule_named
from pumphandle.publication.status.rules import StatusRule
from pumphandle.store.engine import Database
from pumphandle.store.published import reading, register
from pumphandle.store.reference import atlas
from pumphandle.vocabulary.errors import NotFound


@dataclass(frozen=True)
class Published:
    """A release laid over the areas, and who chose what."""

    edition: Edition
    decided: register.Register

    @property
    def exclusions(self) -> list[Exclusion]:
        """Days of single institutions."""
        return [Exclusion(one.area_code, one.first_day, one.last_day) for one in self.decided.exclusions]

    def rule(self, name: str | None) -> StatusRule:
        """Raises NotFound."""
        return rule_named([(one.rule_id, one.text) for one in self.decided.rules], name)


def published(database: Database, release_id: str | None) -> Published:
    """The newest release, or an earlier one by its name. Raises NotFound."""
    with database.transaction() as tx:
        releases = tuple(Release(**vars(row)) for row in reading.releases(tx))
        if not releases:
            raise NotFound("Nothing has been published yet. Run a day first.")
        found = next((one for one in releases if one.release_id == release_id), releases[-1])
        if release_id is not None and found.release_id != release_id:
            raise NotFound(f"There is no release {release_id[:40]!r}; the newest is {found.release_id}.")
        decided = register.read(tx)
        ledger = reading.ledger_between(tx, after=0, upto=found.sequence)
        places = atlas.atlas(tx)
    holds = register.held_days(decided.entries)
    return Published(edition_of(places, found, releases, ledger, holds=holds), decided)
