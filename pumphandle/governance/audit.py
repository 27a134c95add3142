"""What is remembered, and what must never stand in the memory."""

from collections.abc import Mapping
from typing import Final

from pumphandle.vocabulary.errors import Broken

REMEMBERED: Final[Mapping[str, str]] = {
    "load_nation": "A nation's areas, postcodes and boundaries were loaded.",
    "receive": "A laboratory file was read: accepted, refused, or seen before.",
    "watch_clock": "The clock was held against the laboratories' hours: which had sent nothing.",
    "look_quarantine": "A steward looked at held lines: how many were shown.",
    "ask_mend": "A steward asked at the console for a held line to be mended or dismissed.",
    "mend": "A held line was mended and taken in, or dismissed.",
    "merge": "Two persons were found to be one.",
    "split": "A merge was undone.",
    "decide_match": "Someone decided whether two persons are one.",
    "not_ours": "Someone said that a record is not of their authority, and whose it is.",
    "send_on": "A record went on to the authority that was named for it, or was no longer there.",
    "look_receipts": "Someone read where the deliveries stand, and what is late.",
    "look_misroutes": "Someone read which records were sent on, or how many.",
    "place": "Someone decided where a record belongs.",
    "recode": "A new vintage of postcodes moved records.",
    "rebuild": "The reporting triangle was told anew from events and compared.",
    "receive_day": "All files of a day were read and accounted for.",
    "link": "A day's results were linked to persons, households, places and episodes.",
    "deliver": "A day's packages were sealed for the authorities.",
    "trace": "A day's cases were linked and the sets that they join carried on.",
    "detect": "A day's signals were found and its clusters followed.",
    "escalate": "Nobody acted on a raised cluster in time; it went to the national centre.",
    "decide": "Someone took up, dismissed or declared a cluster, or closed an outbreak, with a reason.",
    "reproduce": "A look was repeated from what it was pinned to, and compared.",
    "publish": "A release went out.",
    "write_files": "The public files were brought to the newest release.",
    "measure_usefulness": "How useful a release is was measured.",
    "look_usefulness": "Someone read how useful the releases are.",
    "publish_deliveries": "How long deliveries take was written for everybody.",
    "withhold": "Nothing went out on a day, and why.",
    "publish_noisy": "A noisy product was drawn and its budget spent.",
    "draft": "A day's release was planned, certified and put before the councils.",
    "supersede": "A release did not go out before the next day's run; its windows stayed open.",
    "review": "A reviewer voted on a release, blind to the other vote.",
    "raise_concern": "A concern was raised: kind, area, numbers.",
    "answer_concern": "A concern went one step: acknowledged, investigated, decided, remedied or published.",
    "escalate_concern": "A concern's deadline passed without a step; the next desk has it.",
    "hold": "Numbers of an area were kept from the public, with category, review date and end.",
    "extend_hold": "A hold was extended by a decision.",
    "lift_hold": "A hold ended before its time.",
    "expire_hold": "A hold ended by the clock.",
    "recall": "Published numbers were taken back, with the reason.",
    "context_note": "A council wrote, changed or ended the note beside its area.",
    "look_decisions": "Someone read what is on its way to the public, and what stands against it.",
    "exclude": "Days of an area were marked as mostly one institution.",
    "choose_status_rule": "A rule for the status of areas was chosen.",
    "register_key": "The key that an authority's packages are sealed to was registered.",
    "sign_in": "Someone signed in to the console.",
    "sign_in_refused": "A sign-in to a known account failed, or came while the account was locked.",
    "sign_out": "Someone signed out.",
    "look_today": "Someone opened the page of the day: counts of their own residents' results.",
    "look_lines": "Someone read lines of the line list: how many, and by which kinds of filter.",
    "look_record": "Someone opened one record and what is linked to it.",
    "look_signals": "Someone read the signals of a day.",
    "look_signal": "Someone opened a signal and the records behind it.",
    "look_deliveries": "Someone read the list of deliveries.",
    "look_refused": "Someone asked for what is not theirs, or is not there.",
    "send": "A package was put where its authority receives it, or could not be.",
    "receiver": "Where an authority receives its packages was chosen, mended or tried.",
    "machine": "A machine that fetches for an authority was registered.",
    "machine_let_in": "A machine was let in for ten minutes by an assertion that it signed.",
    "collect": "A director downloaded a sealed package.",
    "acknowledge": "A director acknowledged a delivery.",
    "name_contact": "A case named a contact; the follow-up began.",
    "take_next": "Someone took the next contact to call, and saw them.",
    "look_contact": "Someone opened a contact and what happened so far.",
    "follow_up": "Someone said what happened with a contact.",
    "keep_setting": "An entry of the register of settings was made or changed.",
    "tell_visit": "An interview told where a case was.",
    "look_work": "Someone read whom to call.",
    "look_settings": "Someone read the register of settings.",
    "look_sets": "Someone read which cases hang together.",
    "look_set": "Someone opened a set of linked cases and the records in it.",
    "look_outbreak": "Someone opened an outbreak or its report: counts, no person.",
    "control": "A control measure of an outbreak was written down or ended.",
    "hand_over_contact": "A contact who lives elsewhere was handed over: the giver's receipt.",
    "receive_contact": "An authority confirmed a contact handed over to it: the receiver's receipt.",
    "look_flare_ups": "Someone read which sets and clusters belong together.",
    "look_flare_up": "Someone opened a flare-up and the records in it.",
    "own_record": "Everything that is held about one person was put together, on their request.",
    "erase": "What is no longer to be kept was erased, by which rule: how much.",
    "keep_view": "Someone kept or dropped a view of the line list: by which kinds of filter.",
    "ask_export": "Someone asked to take records out of the console, with a reason.",
    "decide_export": "A director allowed or refused an export.",
    "fetch_export": "Someone fetched the copy that they were allowed: its mark, and which records.",
    "look_exports": "Someone read who asked for exports.",
    "look_beside": "Someone saw the curve and the places of a selection of the line list.",
    "look_map": "Someone opened the map of their authority.",
    "grant": "An account was opened.",
    "agreement": "A step of an agreement was taken.",
    "look_looks": "Someone read who looked at whose residents.",
    "look_agreement": "Someone read how an agreement stands.",
    "second_factor": "An account's second factor was given for a trial, or taken away to be enrolled anew.",
    "threshold": "A number that the rules stand on was chosen.",
}
"""Deed -> what its row says. A test holds every deed to this list."""

_NEVER: Final = frozenset(
    {
        "national_id", "family_name", "given_name", "full_name", "name", "date_of_birth", "address", "postcode",
        "phone", "search", "searched", "specimen_id", "password", "token", "secret", "code",
    }
)  # fmt: skip


def check_subject(subject: Mapping[str, object]) -> None:
    """Codes, counts and opaque keys only. Raises Broken: a deed that would write a person into the audit must stop."""
    for key, value in subject.items():
        if key in _NEVER:
            raise Broken(f"The audit must not hold {key}.")
        if isinstance(value, Mapping):
            raise Broken(f"The audit holds flat facts; {key} is nested.")
