"""What pages about naming say for the reasons."""

from __future__ import annotations

from controller.core.naming import Reason

REASONS = {
    Reason.SECURITY_INCIDENT: "A security incident",
    Reason.CRIME: "A crime",
    Reason.SAFEGUARDING: "Safeguarding",
    Reason.SUBJECT_REQUEST: "The member's own request",
    Reason.LEGAL_CLAIM: "A legal claim",
    Reason.FAULT: "A fault that cannot be found otherwise",
}
