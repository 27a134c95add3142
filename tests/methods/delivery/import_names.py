"""What other programs' import pages know: names alone, from the files that are named, at the commits of the how-to.

Go.Data: GoDataSource-API and GoDataSource-FrontEnd. SORMAS: SORMAS-Project.
"""

# GoDataSource-API components/baseModelOptions/case.js, components/baseModelOptions/person.js
GO_DATA_CASE = frozenset((
    "visualId", "firstName", "middleName", "lastName", "gender", "occupation", "age.years", "age.months", "dob",
    "classification", "dateOfInfection", "dateOfOnset", "isDateOfOnsetApproximate", "dateOfReporting",
    "isDateOfReportingApproximate", "riskLevel", "riskReason", "outcomeId", "dateOfOutcome", "documents[].type",
    "documents[].number", "addresses[].typeId", "addresses[].country", "addresses[].city", "addresses[].addressLine1",
    "addresses[].postalCode", "addresses[].locationId", "addresses[].date", "addresses[].phoneNumber",
    "addresses[].emailAddress", "pregnancyStatus", "investigationStatus",
))  # fmt: skip
# GoDataSource-API common/models/contact.js (fields), common/models/relationship.json (of the relationship)
GO_DATA_CONTACT = frozenset((
    "visualId", "firstName", "middleName", "lastName", "gender", "occupation", "age.years", "age.months", "dob",
    "dateOfReporting", "isDateOfReportingApproximate", "dateOfLastContact", "riskLevel", "riskReason",
    "followUp.startDate", "followUp.endDate", "followUp.status", "documents[].type", "documents[].number",
    "addresses[].typeId", "addresses[].country", "addresses[].city", "addresses[].addressLine1",
    "addresses[].postalCode", "addresses[].locationId", "addresses[].date", "addresses[].phoneNumber",
    "addresses[].emailAddress", "relationship.persons[].id", "relationship.contactDate",
    "relationship.contactDateEstimated", "relationship.certaintyLevelId", "relationship.exposureTypeId",
    "relationship.socialRelationshipTypeId", "relationship.socialRelationshipDetail", "relationship.clusterId",
    "relationship.comment", "relationship.dateOfFirstContact",
))  # fmt: skip
# GoDataSource-API common/models/relationship.js: persons[] is read; sourcePerson and targetPerson are what it exports
GO_DATA_RELATIONSHIP = frozenset((
    "sourcePerson.visualId", "targetPerson.visualId", "persons[].id", "persons[].type", "persons[].source",
    "persons[].target", "dateOfFirstContact", "contactDate", "contactDateEstimated", "certaintyLevelId",
    "exposureTypeId", "exposureFrequencyId", "exposureDurationId", "socialRelationshipTypeId",
    "socialRelationshipDetail", "clusterId", "comment",
))  # fmt: skip
# GoDataSource-API common/models/cluster.json
GO_DATA_CLUSTER = frozenset(("name", "description"))
# GoDataSource-FrontEnd, the import pages of cases, contacts and relationships: fields that must be mapped
GO_DATA_REQUIRED = {
    "cases.csv": {"firstName", "dateOfReporting", "classification", "dateOfOnset"},
    "contacts.csv": {
        "firstName", "dateOfReporting", "relationship.persons[].id", "relationship.contactDate",
        "relationship.certaintyLevelId",
    },
    "relationships.csv": {"contactDate"},
}  # fmt: skip
# GoDataSource-API server/install/scripts/defaultReferenceData.json and the code that names its values
GO_DATA_VALUES = {
    "gender": {"LNG_REFERENCE_DATA_CATEGORY_GENDER_FEMALE", "LNG_REFERENCE_DATA_CATEGORY_GENDER_MALE"},
    "classification": {"LNG_REFERENCE_DATA_CATEGORY_CASE_CLASSIFICATION_CONFIRMED"},
    "addresses[].typeId": {"LNG_REFERENCE_DATA_CATEGORY_ADDRESS_TYPE_USUAL_PLACE_OF_RESIDENCE"},
    "persons[].type": {"LNG_REFERENCE_DATA_CATEGORY_PERSON_TYPE_CASE"},
    "certaintyLevelId": {
        f"LNG_REFERENCE_DATA_CATEGORY_CERTAINTY_LEVEL_{level}" for level in ("1_LOW", "2_MEDIUM", "3_HIGH")
    },
    "followUp.status": {
        f"LNG_REFERENCE_DATA_CONTACT_FINAL_FOLLOW_UP_STATUS_TYPE_{state}"
        for state in ("UNDER_FOLLOW_UP", "FOLLOW_UP_COMPLETED", "LOST_TO_FOLLOW_UP")
    },
}

# sormas-api CaseDataDto, PersonDto, LocationDto, and ImportFacadeEjb, which adds a person's phone and e-mail address
_PERSON = {
    "person.firstName", "person.lastName", "person.sex", "person.birthdateDD", "person.birthdateMM",
    "person.birthdateYYYY", "person.presentCondition", "person.phone", "person.emailAddress", "person.address.street",
    "person.address.houseNumber", "person.address.postalCode", "person.address.city", "person.address.addressType",
}  # fmt: skip
SORMAS_CASE = frozenset(_PERSON | {
    "externalID", "disease", "diseaseDetails", "epidNumber", "reportDate", "caseClassification", "investigationStatus",
    "outcome", "outcomeDate", "responsibleRegion", "responsibleDistrict", "responsibleCommunity", "region", "district",
    "community", "facilityType", "healthFacility", "healthFacilityDetails", "caseOrigin", "additionalDetails",
    "symptoms.onsetDate",
})  # fmt: skip
# sormas-api ContactDto
SORMAS_CONTACT = frozenset(_PERSON | {
    "externalID", "caseIdExternalSystem", "caseOrEventInformation", "disease", "diseaseDetails", "reportDateTime",
    "region", "district", "lastContactDate", "contactProximity", "contactClassification", "contactStatus",
    "followUpStatus", "relationToCase", "relationDescription", "description", "highPriority",
})  # fmt: skip
# CaseDataDto (what must not be null), CaseFacadeEjb (facility), and what sormas-ui's own import files always have
SORMAS_REQUIRED = {
    "cases.csv": {
        "disease", "reportDate", "person.firstName", "person.lastName", "person.sex", "responsibleRegion",
        "responsibleDistrict", "healthFacility",
    },
    "contacts.csv": {"reportDateTime", "person.firstName", "person.lastName", "person.sex"},
}  # fmt: skip
# the first row of the templates and of sormas-ui's own import files
SORMAS_ENTITIES = {"cases.csv": "CaseData", "contacts.csv": "Contact"}
# sormas-api Sex, CaseClassification, Disease (two of them), ContactRelation
SORMAS_VALUES = {
    "person.sex": {"MALE", "FEMALE", "OTHER", "UNKNOWN"},
    "caseClassification": {
        "NOT_CLASSIFIED", "SUSPECT", "PROBABLE", "CONFIRMED", "CONFIRMED_NO_SYMPTOMS", "CONFIRMED_UNKNOWN_SYMPTOMS",
        "NO_CASE",
    },
    "disease": {"CORONAVIRUS", "OTHER"},
    "relationToCase": {"SAME_HOUSEHOLD", "FAMILY_MEMBER_OR_FRIEND", "SAME_ENVIRONMENT", "MEDICAL_CARE", "OTHER"},
}  # fmt: skip
# sormas-api Language: how the users of most languages write a date
SORMAS_DATE = r"\d{2}/\d{2}/\d{4}"
