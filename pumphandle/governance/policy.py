"""May this person do this? Silence, or a refusal with its reason. `can(check, …)` asks without raising."""

from collections.abc import Callable
from typing import ParamSpec

from pumphandle.governance.roles import LOCAL_ROLES, MACHINES, MAY, Duty
from pumphandle.vocabulary.errors import NotPermitted, Refused
from pumphandle.vocabulary.people import Actor, Role
from pumphandle.vocabulary.places import AreaCode

P = ParamSpec("P")


def can(check: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> bool:
    """Whether `check` would stay silent."""
    try:
        check(*args, **kwargs)
    except Refused:
        return False
    return True


def check_can_see_people(by: Actor, *, authority: AreaCode | None) -> None:
    """Names and addresses of an authority's residents."""
    _check_duty(by, Duty.SEE_PEOPLE)
    _check_own(by, authority)


def check_can_trace(by: Actor, *, authority: AreaCode | None) -> None:
    """Contacts, settings and visits of an authority's cases."""
    _check_duty(by, Duty.TRACE)
    _check_own(by, authority)


def check_can_see_facts(by: Actor, *, authority: AreaCode | None) -> None:
    """Records of an authority's residents; names only for those who may see people too."""
    _check_duty(by, Duty.SEE_FACTS)
    _check_own(by, authority)


def check_can_see_signals(by: Actor, *, authority: AreaCode | None) -> None:
    """Signals of one authority; None is a signal that belongs to no single authority."""
    if Duty.SEE_ALL_SIGNALS in _duties(by):
        return
    _check_duty(by, Duty.SEE_SIGNALS)
    _check_own(by, authority)


def check_can_decide(by: Actor, *, authority: AreaCode | None, escalated: bool) -> None:
    """Take up, dismiss or declare a cluster, close its outbreak; the national centre only what was escalated to it."""
    if escalated and Duty.DECIDE_ESCALATED in _duties(by):
        return
    _check_duty(by, Duty.DECIDE)
    _check_own(by, authority)


def check_can_see_deliveries(by: Actor, *, authority: AreaCode | None) -> None:
    """That a package exists, how much is in it and where its receipt stands."""
    _check_duty(by, Duty.SEE_DELIVERIES)
    _check_own(by, authority)


def check_can_see_receipts(by: Actor, *, authority: AreaCode | None) -> None:
    """When each leg of a delivery was done: one's own authority's, or everybody's for those who look after all."""
    if Duty.SEE_ALL_DELIVERIES in _duties(by):
        return
    _check_duty(by, Duty.SEE_DELIVERIES)
    _check_own(by, authority)


def check_can_collect(by: Actor, *, authority: AreaCode | None) -> None:
    """The sealed package itself, and its receipt."""
    _check_duty(by, Duty.COLLECT_DELIVERIES)
    _check_own(by, authority)


def check_can_export(by: Actor, *, authority: AreaCode | None) -> None:
    """Take records out of the console, and allow others of the authority to."""
    _check_duty(by, Duty.EXPORT)
    _check_own(by, authority)


def check_can_answer_exports(by: Actor, *, authority: AreaCode, alone: bool) -> None:
    """Another director of the authority; where it has no other, who reviews releases for the nation."""
    if alone and Duty.ANSWER_LONE_EXPORT in _duties(by):
        return
    check_can_export(by, authority=authority)


def check_can_see_exports(by: Actor) -> None:
    """Requests of one's own authority; for a release reviewer, those that nobody in their authority can answer."""
    if Duty.ANSWER_LONE_EXPORT in _duties(by):
        return
    check_can_see_facts(by, authority=by.authority)


def check_can_send_on(by: Actor, *, authority: AreaCode | None) -> None:
    """Say that a record of their authority is not theirs, or hand it over."""
    _check_duty(by, Duty.SEND_ON)
    _check_own(by, authority)


def check_can_break_glass(by: Actor, *, authority: AreaCode) -> None:
    """Read another authority's records in an emergency."""
    _check_duty(by, Duty.BREAK_GLASS)
    if by.authority is None or by.authority == authority:
        raise Refused("Break-glass is for another authority's residents; your own are in the line list.")


def check_can_see_glass(by: Actor) -> None:
    """Who reads, or read, whose records through break-glass: a director of either side; every one, who oversees all."""
    if not _duties(by) & {Duty.BREAK_GLASS, Duty.SEE_ALL_GLASS}:
        raise NotPermitted(f"The role {by.role} may not {Duty.SEE_ALL_GLASS}.")


def check_can_review_glass(by: Actor, *, authority: AreaCode, own: bool) -> None:
    """A director of the authority whose records were read, or the national centre; never the one who read.

    own : the person who would review is the one who read, under whatever account
    """
    _check_duty(by, Duty.REVIEW_GLASS)
    if Duty.SEE_ALL_GLASS not in _duties(by):
        _check_own(by, authority)
    if own:
        raise NotPermitted("Who read through break-glass cannot be who reviews it.")


def check_can_see_misroutes(by: Actor, *, authority: AreaCode | None) -> None:
    """Which records of an authority were sent on; how many in the nation, for those who look after all."""
    if Duty.SEE_ALL_DELIVERIES in _duties(by):
        return
    _check_duty(by, Duty.SEE_FACTS)
    _check_own(by, authority)


def check_can_see_runs(by: Actor) -> None:
    """How the daily run went: counts and seconds, no person."""
    _check_duty(by, Duty.SEE_RUNS)


def check_can_see_usefulness(by: Actor) -> None:
    """How useful the releases are: figures that tell how many wait."""
    _check_duty(by, Duty.SEE_USEFULNESS)


def check_can_run(by: Actor) -> None:
    """Receive, link, deliver, detect, trace, publish."""
    _check_duty(by, Duty.RUN)


def check_can_purge(by: Actor) -> None:
    """Erase what is past its time, and make the copies that a purge closes."""
    _check_duty(by, Duty.PURGE)


def check_can_register_key(by: Actor) -> None:
    """The public key that an authority's packages are sealed to."""
    _check_duty(by, Duty.REGISTER_KEYS)


def check_can_choose_threshold(by: Actor) -> None:
    """A new version of a number that the rules stand on."""
    _check_duty(by, Duty.CHOOSE_THRESHOLDS)


def check_can_verify_audit(by: Actor) -> None:
    """Recompute the audit chain."""
    _check_duty(by, Duty.VERIFY_AUDIT)


def check_can_offer_agreement(by: Actor) -> None:
    """Terms for an authority, and what the nation's side does with them."""
    _check_duty(by, Duty.OFFER_AGREEMENTS)


def check_can_step_agreement(by: Actor, *, authority: AreaCode | None) -> None:
    """A step of an agreement: the nation's of any, an authority's of its own."""
    if Duty.OFFER_AGREEMENTS in _duties(by):
        return
    _check_duty(by, Duty.SIGN_AGREEMENTS)
    _check_own(by, authority)


def check_can_see_agreement(by: Actor, *, authority: AreaCode | None) -> None:
    """Where an agreement stands: both sides see the same."""
    if Duty.SEE_ALL_DELIVERIES in _duties(by):
        return
    _check_duty(by, Duty.SEE_DELIVERIES)
    _check_own(by, authority)


def check_can_see_looks(by: Actor, *, authority: AreaCode | None) -> None:
    """Who looked at an authority's residents; the auditor, at everyone's."""
    if Duty.SEE_ALL_LOOKS in _duties(by):
        return
    _check_duty(by, Duty.SEE_LOOKS)
    _check_own(by, authority)


def check_can_reset_factor(by: Actor) -> None:
    """Another person's second factor."""
    _check_duty(by, Duty.GRANT)


def check_can_bind(by: Actor) -> None:
    """Who the holder of an account is at an identity provider."""
    _check_duty(by, Duty.GRANT)


def check_can_review_releases(by: Actor) -> None:
    """What is held before it is published."""
    _check_duty(by, Duty.REVIEW_RELEASES)


def check_can_see_draft(by: Actor, *, authority: AreaCode | None) -> None:
    """An authority's part of the next release, before it is out."""
    _check_duty(by, Duty.SEE_OWN_DRAFT)
    _check_own(by, authority)


def check_can_raise_concern(by: Actor, *, authority: AreaCode | None) -> None:
    """About areas of one authority, and the note beside them; those who decide may do so anywhere."""
    if Duty.DECIDE_RELEASES in _duties(by):
        return
    _check_duty(by, Duty.RAISE_CONCERNS)
    _check_own(by, authority)


def check_can_hold(by: Actor, *, authority: AreaCode | None) -> None:
    """Numbers of areas of one authority, by itself and short; those who decide may hold anything for longer."""
    if Duty.DECIDE_RELEASES in _duties(by):
        return
    _check_duty(by, Duty.HOLD_OWN)
    _check_own(by, authority)


def check_can_decide_releases(by: Actor) -> None:
    """Concerns, longer holds, recalls, single institutions."""
    _check_duty(by, Duty.DECIDE_RELEASES)


def check_can_look_at_decisions(by: Actor) -> None:
    """What is on its way to the public: councils see their own part, reviewers a draft, the centre the cases."""
    if not _duties(by) & {Duty.SEE_OWN_DRAFT, Duty.REVIEW_RELEASES, Duty.DECIDE_RELEASES}:
        raise NotPermitted(f"The role {by.role} may not see what is on its way to the public.")


def check_can_grant(by: Actor, *, role: Role, authority: AreaCode | None) -> None:
    """An account. Local roles need their authority, the others must have none, and nobody signs in as the timer."""
    _check_duty(by, Duty.GRANT)
    if role in MACHINES:
        raise Refused(f"Nobody can sign in with the role {role}.")
    if role in LOCAL_ROLES and not authority:
        raise Refused(f"The role {role} serves one authority: name it.")
    if role not in LOCAL_ROLES and authority:
        raise Refused(f"The role {role} serves no single authority: name none.")


def own_authority(check: Callable[..., None], by: Actor) -> AreaCode:
    """The authority that `by` serves, after `check` has stayed silent for it."""
    check(by, authority=by.authority)
    if by.authority is None:
        raise NotPermitted("Your role serves no authority.")
    return by.authority


def _duties(by: Actor) -> frozenset[Duty]:
    return MAY.get(by.role, frozenset())


def _check_duty(by: Actor, duty: Duty) -> None:
    if duty not in _duties(by):
        raise NotPermitted(f"The role {by.role} may not {duty}.")


def _check_own(by: Actor, authority: AreaCode | None) -> None:
    # an absent authority on either side refuses: None is not "all"
    if not by.authority or not authority or by.authority != authority:
        raise NotPermitted("That belongs to another authority.")
