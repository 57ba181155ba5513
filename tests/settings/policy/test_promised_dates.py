"""What the three privacy notices promise, in dates worked out by hand.

Each stands under the sentence it comes from.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from controller.core.local_time import EPOCH
from controller.core.retention.due import Answer, Due, Undated
from controller.core.retention.rules import Moments, Then, Trigger, YearBasis
from controller.core.retention.statutory import answer_by
from controller.core.retention.terms import Clock, Terms, after_suspension, clock_of
from controller.settings import bank_holidays, shipped
from controller.settings.policy.answer import Told, answer
from controller.settings.policy.load import load_profile
from controller.settings.policy.profile import Profile
from controller.settings.policy.rules import Duration

LONDON = ZoneInfo("Europe/London")
PROFILES = {name: load_profile(file) for name, file in shipped.profiles().items()}
WORCESTERSHIRE, SOUTH_AYRSHIRE, SUFFOLK = (
    PROFILES[name] for name in ("worcestershire", "south-ayrshire", "suffolk")
)


def told(
    profile: Profile, category: str, trigger: Trigger, ceiling: Trigger = None, footage_days: int = 14
) -> Told:
    return answer(profile, category, trigger, LONDON, footage_days, ceiling_trigger=ceiling)


def assert_kept(answered: Answer, through: str, due_on: str) -> None:
    assert isinstance(answered, Due)
    assert answered.retained_through == date.fromisoformat(through)
    assert answered.due_on == date.fromisoformat(due_on)
    midnight = datetime.fromisoformat(due_on).replace(tzinfo=LONDON)
    assert answered.due_us == us(midnight)


def us(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def z(text: str) -> int:
    return us(datetime.fromisoformat(text).replace(tzinfo=UTC))


Row = tuple[str, str, str, str]
"""Category; the day it counts from; the last day it is kept; the first on which it is due."""


def promised(
    profile: Profile, promises: dict[str, list[Row]]
) -> Iterator[tuple[Profile, str, str, date, str, str]]:
    for sentence, rows in promises.items():
        for category, since, through, due_on in rows:
            yield profile, sentence, category, date.fromisoformat(since), through, due_on


NO_SENTENCE = ""
IN_WORCESTERSHIRE: dict[str, list[Row]] = {
    "We retain your personal information for 2 years after your membership of the library ceases.": [
        ("personal_information", "2026-11-21", "2028-11-21", "2028-11-22"),
        ("personal_information", "2026-03-31", "2028-03-31", "2028-04-01"),
        ("personal_information", "2028-02-29", "2030-02-28", "2030-03-01"),
        ("personal_information", "2026-12-31", "2028-12-31", "2029-01-01"),
        # Of our own accord earlier: 90 days from the event, and at once.
        ("access_events", "2026-11-21", "2027-02-19", "2027-02-20"),
        ("access_events", "2027-12-31", "2028-03-30", "2028-03-31"),
        ("memberships", "2026-11-21", "2026-11-20", "2026-11-21"),
    ],
    "Inter library loan request forms are disposed of as soon as the loan request has been fulfilled.": [
        ("inter_library_loans", "2026-11-21", "2026-11-20", "2026-11-21"),
    ],
    NO_SENTENCE: [
        ("device_events", "2028-02-29", "2029-02-28", "2029-03-01"),
        ("staff_actions", "2026-11-21", "2028-11-21", "2028-11-22"),
        ("registers", "2026-11-21", "2028-11-21", "2028-11-22"),
    ],
}
IN_SOUTH_AYRSHIRE: dict[str, list[Row]] = {
    "As a Customer/Borrower of the Library Service (including the mobile library service): "
    "Current year + 1 year (from termination of your membership)": [
        ("customers", "2026-11-21", "2027-12-31", "2028-01-01"),
        ("customers", "2026-01-01", "2027-12-31", "2028-01-01"),
        ("customers", "2026-12-31", "2027-12-31", "2028-01-01"),
        # Of our own accord earlier.
        ("access_events", "2026-11-21", "2027-02-19", "2027-02-20"),
        ("memberships", "2026-11-21", "2026-11-20", "2026-11-21"),
    ],
    "As a school pupil/borrower using the school library service: For the duration of your school "
    "attendance + 1 year (during which time you will be moved into the normal Customer / Borrower category "
    "above)": [
        ("school_pupils", "2026-06-24", "2027-06-24", "2027-06-25"),
        ("school_pupils", "2028-02-29", "2029-02-28", "2029-03-01"),
    ],
    "As a non-member visitor using our internet services: For the current year": [
        ("internet_visitors", "2026-11-21", "2026-12-31", "2027-01-01"),
        ("internet_visitors", "2026-12-31", "2026-12-31", "2027-01-01"),
    ],
    "For those using our Children's Services Training Services: Current year + 5 years": [
        ("training", "2026-11-21", "2031-12-31", "2032-01-01"),
    ],
    "If you make an enquiry to our Local History Service: Current year + 5 years (after which we will assess "
    "if any part of the information should be retained for historic value. If we do this, the data will be "
    "anonymised)": [
        ("local_history_enquiries", "2026-03-31", "2031-12-31", "2032-01-01"),
    ],
    "If you are suspended from our service due to anti-social, violent or aggressive behaviour: Current year "
    "+ 6 years": [
        ("suspended", "2026-11-21", "2032-12-31", "2033-01-01"),
    ],
    "On our Library computer management system we will keep your personal data for two years, after which "
    "time your account is set to expire. If you continue to use our services, we will renew your membership "
    "for a further two years and so on until you tell us otherwise.": [
        ("accounts", "2026-11-21", "2028-11-21", "2028-11-22"),
        ("accounts", "2028-02-29", "2030-02-28", "2030-03-01"),
    ],
    NO_SENTENCE: [
        ("device_events", "2026-11-21", "2027-11-21", "2027-11-22"),
    ],
}
IN_SUFFOLK: dict[str, list[Row]] = {
    NO_SENTENCE: [
        ("access_events", "2026-11-21", "2027-02-19", "2027-02-20"),
        ("device_events", "2026-11-21", "2027-11-21", "2027-11-22"),
        ("staff_actions", "2026-11-21", "2028-11-21", "2028-11-22"),
        ("memberships", "2026-11-21", "2026-11-20", "2026-11-21"),
    ],
}


@pytest.mark.parametrize(
    ("profile", "sentence", "category", "since", "through", "due_on"),
    [
        *promised(WORCESTERSHIRE, IN_WORCESTERSHIRE),
        *promised(SOUTH_AYRSHIRE, IN_SOUTH_AYRSHIRE),
        *promised(SUFFOLK, IN_SUFFOLK),
    ],
)
def test_a_thing_is_kept_as_long_as_its_sentence_says(
    profile: Profile, sentence: str, category: str, since: date, through: str, due_on: str
) -> None:
    assert profile.category(category).sentence == sentence
    assert_kept(told(profile, category, since).due, through, due_on)


@pytest.mark.parametrize(
    ("days", "start", "end", "due", "gone_by"),
    [
        # "CCTV records will be deleted between 10 and 30 days of the recording depending on the library
        # recording system."
        (14, "2026-11-01 10:00", "2026-11-01 10:01", "2026-11-15 10:01", "2026-12-01 10:00"),
        (10, "2026-11-01 10:00", "2026-11-01 10:10", "2026-11-11 10:10", "2026-12-01 10:00"),
        # Over the end of summer time on 25 October 2026 a day is 24 hours all the same, ...
        (14, "2026-10-20 22:59", "2026-10-20 23:00", "2026-11-03 23:00", "2026-11-19 22:59"),
        # ... over its beginning on 28 March 2027 too, and in February.
        (29, "2027-03-20 00:00", "2027-03-20 00:01", "2027-04-18 00:01", "2027-04-19 00:00"),
        (20, "2028-02-15 12:00", "2028-02-15 12:01", "2028-03-06 12:01", "2028-03-16 12:00"),
    ],
)
def test_footage_of_worcestershire(days: int, start: str, end: str, due: str, gone_by: str) -> None:
    footage = told(WORCESTERSHIRE, "footage", Moments(z(start), z(end)), footage_days=days).due
    assert isinstance(footage, Due)
    assert footage.due_us == z(due)
    assert footage.gone_by_us == z(gone_by)


@pytest.mark.parametrize("days", [9, 31])
def test_a_branch_may_not_keep_footage_for_another_time_than_promised(days: int) -> None:
    with pytest.raises(ValueError, match="10 to 30"):
        told(WORCESTERSHIRE, "footage", Moments(0, 1), footage_days=days)


def test_what_ends_with_the_membership_does_not_outlive_its_ceiling() -> None:
    event, membership_ended = date(2026, 11, 21), date(2024, 12, 10)
    found = told(WORCESTERSHIRE, "access_events", event, membership_ended)
    # "2 years after your membership of the library ceases": earlier than 90 days after the event.
    assert_kept(found.due, "2026-12-10", "2026-12-11")
    assert found.by == "ceiling"
    # Of an event nobody knows whose membership it was: its own age counts.
    unknown = told(WORCESTERSHIRE, "access_events", event)
    assert unknown.ceiling is Undated.WAITING
    assert unknown.by == "rule"
    assert_kept(unknown.due, "2027-02-19", "2027-02-20")


@pytest.mark.parametrize(
    ("basis", "since", "through", "due_on"),
    [
        (YearBasis.FINANCIAL, "2026-11-21", "2028-03-31", "2028-04-01"),
        (YearBasis.FINANCIAL, "2026-03-31", "2027-03-31", "2027-04-01"),
        (YearBasis.FINANCIAL, "2026-04-01", "2028-03-31", "2028-04-01"),
        (YearBasis.SCHOOL, "2026-11-21", "2028-07-31", "2028-08-01"),
        (YearBasis.SCHOOL, "2026-07-31", "2027-07-31", "2027-08-01"),
        (YearBasis.SCHOOL, "2026-08-01", "2028-07-31", "2028-08-01"),
    ],
)
def test_another_year_in_south_ayrshire(basis: YearBasis, since: str, through: str, due_on: str) -> None:
    """ "Current year + 1 year", if the council says that its year is another."""
    profile = SOUTH_AYRSHIRE.model_copy(update={"year_basis": basis})
    assert_kept(told(profile, "customers", date.fromisoformat(since)).due, through, due_on)


def test_what_south_ayrshire_keeps_for_good_and_what_it_looks_at() -> None:
    donations = SOUTH_AYRSHIRE.category("donations")
    assert donations.sentence.endswith("Local History Service: Permanently (for provenance purposes)")
    assert told(SOUTH_AYRSHIRE, "donations", date(2026, 11, 21)).due is Undated.NEVER
    enquiry = told(SOUTH_AYRSHIRE, "local_history_enquiries", date(2026, 11, 21)).due
    assert isinstance(enquiry, Due)
    assert enquiry.then is Then.REVIEW
    # A pupil who is still at school.
    assert told(SOUTH_AYRSHIRE, "school_pupils", None).due is Undated.WAITING


@pytest.mark.parametrize(
    ("profile", "category"),
    [
        (SUFFOLK, "footage"),
        (SUFFOLK, "account_details"),
        (SUFFOLK, "newsletter"),
        (SUFFOLK, "cookies"),
        (SOUTH_AYRSHIRE, "footage"),
        (WORCESTERSHIRE, "group_contacts"),
        (WORCESTERSHIRE, "research_questionnaires"),
    ],
)
def test_where_a_notice_sets_no_period_nothing_is_due(profile: Profile, category: str) -> None:
    assert told(profile, category, Moments(0, 1)).due is Undated.UNKNOWN
    assert profile.category(category).missing


@pytest.mark.parametrize(
    ("profile", "received", "answer_by_"),
    [
        # A month later is New Year's Day, a Friday. In Scotland Monday the 4th stands in for 2 January.
        (WORCESTERSHIRE, "2026-12-01", "2027-01-04"),
        (SUFFOLK, "2026-12-01", "2027-01-04"),
        (SOUTH_AYRSHIRE, "2026-12-01", "2027-01-05"),
        # A month later is St Andrew's Day, a Monday, and a bank holiday in Scotland alone.
        (WORCESTERSHIRE, "2026-10-30", "2026-11-30"),
        (SOUTH_AYRSHIRE, "2026-10-30", "2026-12-01"),
        # A month later is the last Monday of August: a holiday in England, and none in Scotland.
        (SUFFOLK, "2026-07-31", "2026-09-01"),
        (SOUTH_AYRSHIRE, "2026-07-31", "2026-08-31"),
    ],
)
def test_time_to_answer_goes_by_the_nations_working_days(
    profile: Profile, received: str, answer_by_: str
) -> None:
    holidays = bank_holidays.dates(profile.bank_holidays, 2026, 2027)
    assert answer_by(date.fromisoformat(received), holidays) == date.fromisoformat(answer_by_)


def test_an_account_of_south_ayrshire_that_is_used_and_then_ceases() -> None:
    """ "If you continue to use our services, we will renew your membership for a further two years"."""
    rule = SOUTH_AYRSHIRE.category("accounts").rule
    assert isinstance(rule, Duration)
    account = Terms(date(2028, 2, 29), rule.years)
    assert account.valid_through([]) == date(2030, 2, 28)
    ceased = account.valid_through([date(2030, 2, 28)])
    assert ceased == date(2032, 2, 29)
    # It is terminated then: "Current year + 1 year (from termination of your membership)".
    assert_kept(told(SOUTH_AYRSHIRE, "customers", ceased).due, "2033-12-31", "2034-01-01")


def test_a_suspension_in_force_when_its_record_is_due_goes_to_a_person() -> None:
    suspended = told(SOUTH_AYRSHIRE, "suspended", date(2026, 11, 21)).due
    assert isinstance(suspended, Due)
    assert suspended.due_on == date(2033, 1, 1)
    assert after_suspension(suspended, date(2032, 12, 31)).then is Then.DESTROY
    assert after_suspension(suspended, date(2033, 1, 1)).then is Then.REVIEW
    assert after_suspension(suspended, None).then is Then.REVIEW


def test_a_pupil_who_becomes_a_customer_leaves_the_pupils_clock() -> None:
    """ "(during which time you will be moved into the normal Customer / Borrower category above)"."""
    left = told(SOUTH_AYRSHIRE, "school_pupils", date(2026, 6, 24)).due
    assert isinstance(left, Due)
    assert clock_of(left, date(2027, 6, 24)) is Clock.CUSTOMER
    assert clock_of(left, date(2027, 6, 25)) is Clock.PUPIL
    assert clock_of(left, None) is Clock.PUPIL
