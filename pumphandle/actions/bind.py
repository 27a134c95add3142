"""Say who the holder of an account is at an identity provider, and take it back."""

from datetime import datetime

from pumphandle.governance import policy
from pumphandle.governance.passwords import NOBODY
from pumphandle.store.decisions import accounts, audit, outside, sessions
from pumphandle.store.engine import Database
from pumphandle.store.providers.described import Provider
from pumphandle.vocabulary.errors import NotFound, Refused
from pumphandle.vocabulary.people import Actor


def bind(
    database: Database,
    provider: Provider,
    *,
    user_name: str,
    subject: str,
    no_password: bool,
    by: Actor,
    at: datetime,
) -> None:
    """From now on the provider's word opens this account; its role stays what the house has given it.

    no_password : the account's password opens nothing any more, for good
    Raises NotFound for an unknown account; Refused for a subject that is none, or where either is bound already.
    """
    policy.check_can_bind(by)
    if not 1 <= len(subject) <= 255 or not subject.isprintable() or subject != subject.strip():
        raise Refused("A subject has 1 to 255 visible characters, as the provider spells it.")
    with database.transaction() as tx:
        if accounts.find(tx, user_name) is None:
            raise NotFound(f"There is no account named {user_name}.")
        outside.bind(tx, issuer=provider.issuer, subject=subject, user_name=user_name, by=by, at=at)
        if no_password:
            accounts.choose_password(tx, user_name, NOBODY)
        told: dict[str, object] = {"user_name": user_name, "provider": provider.name, "no_password": no_password}
        audit.add(tx, deed="bind", subject=told, by=by, at=at)


def unbind(database: Database, provider: Provider, *, user_name: str, by: Actor, at: datetime) -> None:
    """The provider's word opens this account no more, and visits that it opened are over. Raises NotFound."""
    policy.check_can_bind(by)
    with database.transaction() as tx:
        if not outside.unbind(tx, issuer=provider.issuer, user_name=user_name):
            raise NotFound(f"{user_name} is not bound to a person of {provider.name}.")
        sessions.remove_of(tx, user_name, provider=provider.name)
        told: dict[str, object] = {"user_name": user_name, "provider": provider.name}
        audit.add(tx, deed="unbind", subject=told, by=by, at=at)
