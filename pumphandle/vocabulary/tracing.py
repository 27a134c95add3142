"""How cases are linked, where people meet, and how far a follow-up has come."""

from enum import StrEnum


class LinkKind(StrEnum):
    """Why two cases may belong together."""

    CONTACT = "contact"
    HOUSEHOLD = "household"
    SETTING = "setting"
    SAME_PLACE = "same_place"
    BUILDING = "building"


class Strength(StrEnum):
    """How much a link says. Sets are made of strong and moderate links; a weak one is shown beside them."""

    STRONG = "strong"
    MODERATE = "moderate"
    WEAK = "weak"


class LinkSource(StrEnum):
    """What a link was read from."""

    ADDRESS = "address"
    NAME_AND_POSTCODE = "name_and_postcode"
    RECORD = "record"
    INTERVIEW = "interview"
    REGISTER = "register"


class SettingKind(StrEnum):
    """What kind of place people met in."""

    CARE_HOME = "care_home"
    SCHOOL = "school"
    WORKPLACE = "workplace"
    HOSPITAL = "hospital"
    PRISON = "prison"
    HOSPITALITY = "hospitality"
    WORSHIP = "worship"
    SHOP = "shop"
    EVENT = "event"
    OTHER = "other"


class ContactKind(StrEnum):
    """Where a contact was near the case."""

    HOUSEHOLD = "household"
    SETTING = "setting"
    VISIT = "visit"
    OTHER = "other"
