"""pumphandle provider: identity providers, and which account is whom there."""

import os
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Annotated

import typer

from pumphandle.actions import bind as deed
from pumphandle.actions.sign_in_elsewhere import redirect_of
from pumphandle.cli.opening import deeds, now
from pumphandle.cli.screen import OUT
from pumphandle.config import read
from pumphandle.store.decisions import outside
from pumphandle.store.providers.asked import Door, Doors, ProviderSilent
from pumphandle.store.providers.described import FOLDER, Provider, is_safe, providers
from pumphandle.vocabulary.errors import NotFound, Refused
from pumphandle.vocabulary.people import THE_TIMER

app = typer.Typer(no_args_is_help=True, help="Identity providers: sign-in with the nation's or an authority's own.")


@app.command()
def check(name: Annotated[str | None, typer.Argument(help="one provider; without it all of them")] = None) -> None:
    """Ask each provider for its description and keys, and say what is wrong; what it must be told stands first."""
    settings = read(os.environ)
    found = providers(settings.home)
    chosen = [_known(found, name)] if name else list(found.values())
    if not chosen:
        OUT.print(f"No provider is described: there is no file in {FOLDER} below the home.")
    wrong = 0
    for provider in chosen:
        door = Door(provider)
        OUT.print(f"{provider.name}  {provider.title}", style="bold", markup=False)
        OUT.print(f"  tell it  redirect address {redirect_of(settings.console_origin, door)}", markup=False)
        OUT.print(f"  tell it  address after sign-out {settings.console_origin}/sign-in", markup=False)
        for good, sentence in findings(door, origin=settings.console_origin, at=now()):
            wrong += not good
            OUT.print(f"  {'good   ' if good else 'WRONG  '}  {sentence}", markup=False)
    if wrong:
        raise Refused(f"{wrong} things are wrong: people could not sign in, or not safely.")


@app.command("list")
def list_bindings() -> None:
    """Which accounts are bound to a person of which provider."""
    with deeds() as (_, database), database.transaction() as tx:
        found = outside.bindings(tx)
    for one in found:
        OUT.print(f"{one.user_name}  {one.issuer}  {one.subject}  since {one.bound_at:%Y-%m-%d}", markup=False)
    if not found:
        OUT.print("No account is bound to a person of a provider.")


@app.command()
def bind(
    user_name: str,
    provider: Annotated[str, typer.Argument(help="name of the provider's file")],
    subject: Annotated[str, typer.Argument(help="who the holder is there, as the provider spells it")],
    no_password: Annotated[bool, typer.Option(help="the account's password opens nothing any more")] = False,
) -> None:
    """Say who an account's holder is at a provider. Without it the provider's word opens nothing here."""
    with deeds() as (house, database):
        known = _known(providers(house.settings.home), provider)
        deed.bind(
            database, known, user_name=user_name, subject=subject, no_password=no_password, by=THE_TIMER, at=now()
        )
    OUT.print(f"{user_name} signs in with {known.title}.", markup=False)


@app.command()
def unbind(user_name: str, provider: str) -> None:
    """Take it back; visits that were opened through the provider are over."""
    with deeds() as (house, database):
        deed.unbind(
            database, _known(providers(house.settings.home), provider), user_name=user_name, by=THE_TIMER, at=now()
        )
    OUT.print(f"{user_name} signs in through {provider} no more.", markup=False)


def findings(door: Door, *, origin: str, at: datetime) -> list[tuple[bool, str]]:
    """(good, sentence), in the order in which a sign-in would meet them."""
    expected = door.provider.expected
    found = [(bool(expected.acr | expected.amr) or door.provider.ask_own_factor, _of_second_factor(door.provider))]
    found.append((is_safe(origin), f"People reach the console at {origin}."))
    if not expected.max_age:
        found.append((True, "How long ago somebody showed themselves there is not asked (max_age_minutes = 0)."))
    try:
        doors = door.doors(at=at)
        keys = door.keys(at=at)
    except ProviderSilent as silence:
        return [*found, (False, f"It does not answer as a provider does: {silence}.")]
    found.append((True, "It describes itself, with its own issuer and safe addresses."))
    found.append((bool(keys), f"It shows {len(keys)} keys."))
    found.extend(_of_words(doors, door.provider))
    told = door.clock()
    if told is not None:
        apart = abs((parsedate_to_datetime(told) - at).total_seconds())
        found.append((apart <= max(expected.skew, 1), f"Its clock and ours are {apart:.0f} seconds apart."))
    found.append(
        (True, "Sign-out ends the visit there too." if doors.end_session else "It has no door to sign out by.")
    )
    return found


def _of_second_factor(provider: Provider) -> str:
    listed = sorted(provider.expected.acr | provider.expected.amr)
    said = f"A second factor was checked there if it says {', '.join(listed)}." if listed else "Its word on second "
    said += "" if listed else "factors counts for nothing."
    otherwise = "the house's own is asked" if provider.ask_own_factor else "nobody is let in"
    return f"{said} Otherwise {otherwise}."


def _of_words(doors: Doors, provider: Provider) -> list[tuple[bool, str]]:
    """What it says of itself; what it does not say is not held against it but for signatures."""
    told = doors.told
    signs = set(told.get("id_token_signing_alg_values_supported", []))
    found = [(bool(signs & provider.expected.algorithms), f"It signs with {', '.join(sorted(map(str, signs)))}.")]
    proofs = told.get("code_challenge_methods_supported")
    if proofs is None:
        found.append((True, "It does not say whether it knows PKCE; it is sent a proof all the same."))
    else:
        found.append(
            ("S256" in proofs, "It knows PKCE with S256." if "S256" in proofs else "It has no PKCE with S256.")
        )
    levels = told.get("acr_values_supported")
    if levels is not None and provider.expected.acr:
        missing = sorted(provider.expected.acr - set(map(str, levels)))
        found.append((not missing, f"It knows every listed acr but: {', '.join(missing) or 'none'}."))
    return found


def _known(found: dict[str, Provider], name: str) -> Provider:
    if name not in found:
        raise NotFound(f"No provider is named {name}; there are: {', '.join(found) or 'none'}.")
    return found[name]
