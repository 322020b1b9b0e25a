"""CDS Hooks 2.0 and FHIR R4 without a server: calls and resources in, cards and RiskAssessments out."""

from plugin.cds.answer import Speech, respond
from plugin.cds.body import without_nothing
from plugin.cds.cards import Maker
from plugin.cds.codes import CodeMap, read_codes, usual_codes
from plugin.cds.discovery import SERVICES, discovery, hooks_of
from plugin.cds.feedback import Feedback, parse_feedback
from plugin.cds.fhir_in import ClientRecord, client_record
from plugin.cds.prefetch import Supplied, Template, read_prefetch, templates
from plugin.cds.request import HookRequest, RequestError, parse_request

__all__ = [
    "SERVICES",
    "ClientRecord",
    "CodeMap",
    "Feedback",
    "HookRequest",
    "Maker",
    "RequestError",
    "Speech",
    "Supplied",
    "Template",
    "client_record",
    "discovery",
    "hooks_of",
    "parse_feedback",
    "parse_request",
    "read_codes",
    "read_prefetch",
    "respond",
    "templates",
    "usual_codes",
    "without_nothing",
]
