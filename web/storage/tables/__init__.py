"""The tables, by what they are about."""

from web.storage.tables.audit import AuditEntry
from web.storage.tables.organisations import Account, Admission, Attempts, Organisation, RecoveryCode, SignIn
from web.storage.tables.scenarios import HouseValue, SavedScenario, ScenarioVersion, ScenarioWord
from web.storage.tables.sharing import ApiToken, Enquiry, ShareLink

__all__ = [
    "Account",
    "Admission",
    "ApiToken",
    "Attempts",
    "AuditEntry",
    "Enquiry",
    "HouseValue",
    "Organisation",
    "RecoveryCode",
    "SavedScenario",
    "ScenarioVersion",
    "ScenarioWord",
    "ShareLink",
    "SignIn",
]
