"""The steps of an agreement: each is taken by one side, timed, and visible to both."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from pumphandle.governance import policy
from pumphandle.governance.agreements import FIELDS, AgreementState, Side, Terms, check_terms, step_from
from pumphandle.store.decisions import accounts, agreements, audit
from pumphandle.store.decisions.agreements import Agreement
from pumphandle.store.engine import Database, Transaction
from pumphandle.store.reference import areas
from pumphandle.vocabulary.errors import NotFound, Refused
from pumphandle.vocabulary.people import Actor, Role
from pumphandle.vocabulary.places import AreaCode, AreaLevel


def offer(authority: AreaCode, terms: Terms, *, database: Database, by: Actor, at: datetime, reason: str = "") -> None:
    """Raises Refused for terms that are none, or while an agreement stands; NotFound for no such district."""
    policy.check_can_offer_agreement(by)
    check_terms(terms, today=at.date())
    with database.transaction(authority=by.authority, role=by.role) as tx:
        if areas.area(tx, authority).level is not AreaLevel.DISTRICT:
            raise Refused(f"{authority} is no district: only a district has residents of its own.")
        known = agreements.find(tx, authority)
        step = step_from(_state(known), "offer", side=Side.NATION)
        agreements.offer(tx, authority, terms, at=at)
        _remember(tx, authority, "offer", known, step.target, reason=reason, by=by, at=at)


def name_user(authority: AreaCode, user_name: str, *, database: Database, by: Actor, at: datetime) -> None:
    """The person who will receive: an account of this authority that may collect."""

    def named(tx: Transaction, known: Agreement) -> None:
        account = accounts.find(tx, user_name)
        if account is None or account.authority != known.authority or account.disabled_at is not None:
            raise NotFound(f"There is no open account {user_name} of this authority.")
        policy.check_can_collect(account.actor, authority=authority)
        agreements.name_user(tx, authority, user_name)

    _step(authority, "name_user", database=database, by=by, at=at, reason="", also=named)


def sign(authority: AreaCode, *, database: Database, by: Actor, at: datetime) -> None:
    """For the authority; after an emergency activation, the signature that was to follow."""
    with database.transaction(authority=by.authority, role=by.role) as tx:
        known = agreements.find(tx, authority)
    afterwards = known is not None and known.state == AgreementState.ACTIVE
    if afterwards and known is not None and known.signed_at is not None:
        raise Refused("This agreement is signed already.")

    def signed(tx: Transaction, _: Agreement) -> None:
        agreements.sign(tx, authority, by=by.name, at=at)

    name = "sign_afterwards" if afterwards else "sign"
    _step(authority, name, database=database, by=by, at=at, reason="", also=signed)


def activate(authority: AreaCode, *, database: Database, by: Actor, at: datetime) -> None:
    """Records flow from the next delivery on, those that came before too."""
    _step(authority, "activate", database=database, by=by, at=at, reason="", also=_nothing)


def activate_in_emergency(
    authority: AreaCode, *, notice: str, days_to_sign: int, database: Database, by: Actor, at: datetime
) -> None:
    """Under a statutory notice; the clock suspends it if the signature has not come in `days_to_sign` days."""
    if not notice.strip():
        raise Refused("An emergency activation needs the statutory notice that it stands on.")
    if not 1 <= days_to_sign <= 30:
        raise Refused("The signature follows within 1 to 30 days.")

    def noticed(tx: Transaction, _: Agreement) -> None:
        due = at.date() + timedelta(days=days_to_sign)
        agreements.stand_on_notice(tx, authority, notice=notice.strip(), signature_due=due)

    _step(authority, "activate_in_emergency", database=database, by=by, at=at, reason=notice.strip(), also=noticed)


def suspend(authority: AreaCode, *, reason: str, database: Database, by: Actor, at: datetime) -> None:
    if not reason.strip():
        raise Refused("A suspension needs its reason.")
    _step(authority, "suspend", database=database, by=by, at=at, reason=reason.strip(), also=_nothing)


def resume(authority: AreaCode, *, reason: str, database: Database, by: Actor, at: datetime) -> None:
    _step(authority, "resume", database=database, by=by, at=at, reason=reason.strip(), also=_nothing)


def keep_time(tx: Transaction, today: date, *, by: Actor, at: datetime) -> int:
    """What the clock must do on this day: expire, and suspend what a notice began and nobody signed."""
    policy.check_can_run(by)
    taken = agreements.due(tx, today)
    for authority, name in taken:
        known = agreements.find(tx, authority)
        target = step_from(_state(known), name, side=Side.CLOCK).target
        if known is not None:
            agreements.move(tx, known, target, at=at)
            _remember(tx, authority, name, known, target, reason="by the clock", by=by, at=at)
    return len(taken)


def agree_for_trial(*, database: Database, expires_on: date, by: Actor, at: datetime) -> int:
    """For a trial on one machine: every authority without an agreement gets one, by the ordinary steps. How many.

    Offered and activated in the name of the timer; named user and signature are an invented director's.
    """
    policy.check_can_offer_agreement(by)
    terms = Terms(FIELDS, "A trial with invented people", "None is needed: nobody exists", 365, expires_on)
    with database.transaction() as tx:
        known = agreements.every(tx)
        districts = [area.area_code for area in areas.areas(tx) if area.level == AreaLevel.DISTRICT]
        for code in districts:
            if code in known:
                continue
            director = Actor(f"trial-director-{code}".lower(), Role.DIRECTOR, code)
            agreements.offer(tx, code, terms, at=at)
            _remember(tx, code, "offer", None, AgreementState.OFFERED, reason="a trial", by=by, at=at)
            for name, who in (("name_user", director), ("sign", director), ("activate", by)):
                found = agreements.find(tx, code)
                step = step_from(_state(found), name, side=_side(who))
                if found is None:
                    raise Refused("The agreement has gone.")
                if name == "sign":
                    agreements.sign(tx, code, by=who.name, at=at)
                agreements.move(tx, found, step.target, at=at)
                _remember(tx, code, name, found, step.target, reason="a trial", by=who, at=at)
    return len([code for code in districts if code not in known])


def _step(
    authority: AreaCode,
    name: str,
    *,
    database: Database,
    by: Actor,
    at: datetime,
    reason: str,
    also: Callable[[Transaction, Agreement], None],
) -> None:
    side = _side(by)
    policy.check_can_step_agreement(by, authority=authority)
    with database.transaction(authority=by.authority, role=by.role) as tx:
        known = agreements.find(tx, authority)
        if known is None:
            raise NotFound("There is no agreement with this authority.")
        step = step_from(_state(known), name, side=side)
        also(tx, known)
        agreements.move(tx, known, step.target, at=at)
        _remember(tx, authority, name, known, step.target, reason=reason, by=by, at=at)


def _remember(
    tx: Transaction,
    authority: str,
    name: str,
    known: Agreement | None,
    target: AgreementState,
    *,
    reason: str,
    by: Actor,
    at: datetime,
) -> None:
    before = None if known is None else known.state
    agreements.remember(tx, authority, step=name, before=before, after=target, reason=reason, by=by, at=at)
    subject: dict[str, object] = {"authority": authority, "step": name, "before": before, "after": str(target)}
    audit.add(tx, deed="agreement", subject=subject, by=by, at=at)


def _side(by: Actor) -> Side:
    return Side.AUTHORITY if by.authority else Side.NATION


def _state(known: Agreement | None) -> AgreementState | None:
    return None if known is None else AgreementState(known.state)


def _nothing(_: Transaction, __: Agreement) -> None:
    """Steps that change the state alone."""
