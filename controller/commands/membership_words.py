"""What a membership says, in words, for the commands that show one. Never here: whose it is."""

from __future__ import annotations

from datetime import date

from controller.core.membership import Listed, Membership


def of_membership(membership: Membership, today: date) -> dict[str, str]:
    """Without how old it is, which each command says in its own way. today: local date."""
    age = "not known" if membership.adult_on is None else f"reached on {membership.adult_on}"
    if membership.is_of_age(today):
        age = "reached"
    granted = "none"
    if membership.granted_from is not None:
        granted = f"from {membership.granted_from} on"
    if membership.granted_until is not None:
        granted = f"{membership.granted_from} to {membership.granted_until}"
    return {
        "membership": f"{membership.status.value}, until the end of {membership.expires}",
        "category": membership.category or "none",
        "induction": str(membership.inducted_on or "none"),
        "entitlement": granted,
        "minimum_age": age,
        "guardian": "yes" if membership.guardian else "no",
    }


def of_listing(listed: Listed) -> str:
    return listed.listing.value + (f" until the end of {listed.until}" if listed.until else "")
