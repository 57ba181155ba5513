"""A patron's record as Koha has it (api/v1/swagger/definitions/patron.yaml). Never here: who may see it."""

from __future__ import annotations

from datetime import date, datetime

from simulator.lms.patrons import PRIVATE, Patron


def record(patron: Patron, attributes: bool) -> dict[str, object]:
    """Everything, much of it of no use at a door. attributes: with the extended ones."""
    today = datetime.now().astimezone().date()
    own: dict[str, object] = {
        "patron_id": number(patron),
        "cardnumber": patron.card,
        "surname": patron.name,
        "firstname": PRIVATE,
        "preferred_name": PRIVATE,
        "middle_name": None,
        "title": "",
        "other_name": None,
        "initials": None,
        "pronouns": None,
        "street_number": "1",
        "street_type": None,
        "address": patron.address,
        "address2": None,
        "city": PRIVATE,
        "state": None,
        "postal_code": PRIVATE,
        "country": "",
        "email": patron.email,
        "phone": patron.telephone,
        "mobile": patron.telephone,
        "sms_number": None,
        "date_of_birth": patron.born.isoformat(),
        "library_id": "MAIN",
        "category_id": patron.category,
        "date_enrolled": date(2020, 1, 1).isoformat(),
        "expiry_date": patron.expires.isoformat(),
        "expired": patron.expires < today,
        "date_renewed": None,
        "incorrect_address": None,
        "patron_card_lost": True if patron.lost else None,
        "restricted": patron.blocked,
        "staff_notes": PRIVATE,
        "opac_notes": None,
        "gender": "",
        "userid": user(patron),
        "statistics_1": None,
        "privacy": 1,
        "check_previous_checkout": "inherit",
        "updated_on": f"{today.isoformat()}T00:00:00+00:00",
        "last_seen": None,
        "lang": "default",
        "login_attempts": 0,
        "autorenew_checkouts": True,
        "anonymized": False,
        "protected": False,
    }
    if attributes:
        own["extended_attributes"] = [
            {"extended_attribute_id": place, "type": type_, "value": value}
            for place, (type_, value) in enumerate(patron.extra.items(), start=1)
        ]
    return own


def number(patron: Patron) -> int:
    """Koha's own number of a patron."""
    return int(patron.card[-6:-1]) if patron.card[-6:-1].isdecimal() else 1


def user(patron: Patron) -> str:
    """The name to log in with."""
    return f"user{number(patron)}"
