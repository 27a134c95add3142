"""The laboratories of the made-up country, and made-up ones for New South Wales."""

from typing import Final

from pumphandle_town.laboratories import RESULTS, SEXES, STATUSES, Laboratory


def _columns(text: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in text.split("|"))


def _codes(pathogen: str, result: str, sex: str, status: str) -> dict[str, dict[str, str]]:
    return {
        "pathogen": {"sars_cov_2": pathogen},
        "result": dict(zip(RESULTS, result.split("|"), strict=True)),
        "sex": dict(zip(SEXES, sex.split("|"), strict=True)),
        "status": dict(zip(STATUSES, status.split("|"), strict=True)),
    }


ALDERMARK: Final = (
    Laboratory(
        key="beacon",
        name="Beacon Mass Testing",
        encoding="utf-8",
        delimiter="|",
        dates="%Y%m%d",
        columns=_columns(
            "specimen_id=SPECIMEN|status=REC_STATUS|specimen_date=SWAB_DATE|pathogen=ASSAY|result=RES|"
            "national_id=NHS_NUMBER|family_name=SURNAME|given_name=FORENAME|date_of_birth=DOB|sex=GENDER|"
            "address=ADDRESS|postcode=POSTCODE|phone=MOBILE|workplace_postcode=WORK_POSTCODE|-channel=CHANNEL"
        ),
        codes=_codes("NCOV", "N|P|V", "F|M|X", "F|C|W"),
        lags=(0.18, 0.52, 0.20, 0.07, 0.03),
        number=("BCN", 9),
        upper_names=True,
        joined_postcodes=True,
    ),
    Laboratory(
        key="northgate",
        name="Northgate Pathology",
        encoding="utf-8",
        delimiter=",",
        dates="%Y-%m-%d",
        columns=_columns(
            "specimen_id=Accession|national_id=NHS No|family_name=Surname|given_name=Forename|"
            "date_of_birth=Date of Birth|sex=Sex|address=Address|postcode=Postcode|phone=Telephone|"
            "workplace_postcode=Work Postcode|specimen_date=Collected|pathogen=LOINC|result=Result|status=Report Status"
        ),
        codes=_codes("94500-6", "NOT DETECTED|DETECTED|INDETERMINATE", "F|M|U", "F|C|X"),
        lags=(0.42, 0.44, 0.10, 0.03, 0.01),
        number=("N20-", 7),
        spaced_ids=True,
    ),
    Laboratory(
        key="harbour",
        name="Harbour Hospital Trust",
        encoding="cp1252",
        delimiter=";",
        dates="%d/%m/%Y",
        columns=_columns(
            "-hospital=Hospital|specimen_id=Sample number|specimen_date=Sample date|family_name=Family name|"
            "given_name=Given name|sex=Gender|date_of_birth=Born|national_id=National number|"
            "address=Home address|postcode=Home postcode|phone=Contact|"
            "workplace_postcode=Employer postcode|pathogen=Test|result=Outcome|"
            "status=Action"
        ),
        codes=_codes("COVID PCR", "Negative|Positive|Failed", "Female|Male|Not known", "New|Amended|Deleted"),
        lags=(0.55, 0.36, 0.07, 0.02),
        number=("", 8),
    ),
    Laboratory(
        key="meadow",
        name="Meadow University Laboratory",
        encoding="utf-8-sig",
        delimiter="\t",
        dates="%d-%b-%Y",
        columns=_columns(
            "specimen_id=sample_id|given_name=first_name|family_name=last_name|date_of_birth=dob|sex=sex|"
            "phone=phone|workplace_postcode=work_postcode|address=address|postcode=postcode|national_id=nhs_number|pathogen=target|"
            "specimen_date=date_taken|result=call|status=version_type"
        ),
        codes=_codes("sars2-orf1ab", "neg|pos|inv", "f|m|u", "original|revision|retraction"),
        lags=(0.30, 0.50, 0.15, 0.04, 0.01),
        number=("", 8),
        joined_postcodes=True,
    ),
    Laboratory(
        key="kingsmere",
        name="Kingsmere Reference Service",
        encoding="iso-8859-1",
        delimiter=",",
        dates="%d.%m.%Y",
        columns=_columns(
            "status=MSG|specimen_id=LAB_REF|national_id=PATIENT_ID|family_name=PATIENT_SURNAME|"
            "given_name=PATIENT_FIRSTNAME|sex=PATIENT_SEX|date_of_birth=PATIENT_DOB|address=PATIENT_ADDR|"
            "postcode=PATIENT_PC|phone=PATIENT_TEL|workplace_postcode=EMPL_PC|specimen_date=COLL_DT|pathogen=ORGANISM|result=FINDING|"
            "-site=SITE"
        ),
        codes=_codes("840533007", "260415000|260373001|419984006", "2|1|0", "ORIG|CORR|CANC"),
        lags=(0.12, 0.45, 0.28, 0.10, 0.05),
        number=("KM/20/", 6),
        spaced_ids=True,
    ),
)

NEW_SOUTH_WALES: Final = (
    Laboratory(
        key="ironbark",
        name="Ironbark Pathology (made up)",
        encoding="utf-8",
        delimiter=",",
        dates="%Y-%m-%d",
        columns=_columns(
            "specimen_id=LabNo|national_id=Medicare|family_name=Surname|given_name=GivenName|date_of_birth=DOB|"
            "sex=Sex|address=Address|postcode=Postcode|phone=Mobile|specimen_date=CollectDate|"
            "pathogen=TestCode|result=ResultCode|status=Status"
        ),
        codes=_codes("SARSCOV2NAA", "ND|DET|INV", "F|M|U", "F|C|W"),
        lags=(0.45, 0.45, 0.10),
        number=("IB", 8),
    ),
    Laboratory(
        key="bluegum",
        name="Bluegum Diagnostics (made up)",
        encoding="cp1252",
        delimiter=";",
        dates="%d/%m/%Y",
        columns=_columns(
            "specimen_id=Episode|status=Message type|family_name=Family name|given_name=Given names|sex=Gender|"
            "date_of_birth=Birth date|national_id=Medicare number|phone=Phone|address=Street|"
            "postcode=Post code|pathogen=Organism|specimen_date=Collected on|result=Result"
        ),
        codes=_codes("COVID-19", "Not detected|Detected|Invalid", "Female|Male|Unknown", "Final|Corrected|Cancelled"),
        lags=(0.30, 0.55, 0.15),
        number=("20-", 7),
        upper_names=True,
        spaced_ids=True,
    ),
    Laboratory(
        key="wattle",
        name="Wattle Public Health Laboratory (made up)",
        encoding="utf-8-sig",
        delimiter="\t",
        dates="%d-%b-%Y",
        columns=_columns(
            "-site=site|specimen_id=accession|specimen_date=collected|pathogen=loinc|result=value|status=state|"
            "national_id=mcn|given_name=first|family_name=last|sex=sex|date_of_birth=born|address=address|"
            "postcode=pc|phone=tel"
        ),
        codes=_codes("94500-6", "negative|positive|void", "2|1|9", "original|amended|retracted"),
        lags=(0.60, 0.32, 0.08),
        number=("", 9),
    ),
)
