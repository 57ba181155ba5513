from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from controller.core.certificate import Certificate
from controller.core.event import event_id
from controller.core.hold import DAY_US, Category, Hold, Scope
from controller.core.proof import SLACK_US, Judge, Known, Times, Verdict, Wrong, judgeable
from controller.core.protection import Protection
from controller.core.restriction import Ground, Restriction

DAY_0 = 1_795_219_200_000_000
"""2026-11-21T00:00Z, which the days of these tests are counted from."""
POLICY = "ab" * 32
DAYS_KEPT = 90


def day(n: float) -> int:
    return DAY_0 + int(n * DAY_US)


def due_us(event_us: int) -> int:
    return event_us + DAYS_KEPT * DAY_US


CERTIFICATE = Certificate(
    seq=100,
    site="branch",
    wall_us=day(95),
    clock_trusted=True,
    category="access_events",
    policy=POLICY,
    event_seqs=((1, 40), (42, 60)),
    times_us=((day(0), day(2)), (day(2), day(5))),
    box_seqs=(),
    due_to_us=day(95),
)


def judged(
    certificate: Certificate,
    *,
    protections: Sequence[Protection] | None = (),
    saw: Sequence[tuple[int, int]] = (),
    witnessed: Sequence[tuple[int, int]] = (),
    present: Callable[[str], bool] | None = None,
) -> list[tuple[Verdict, int]]:
    times = Times()
    for seq, wall_us in saw:
        times.saw(seq, wall_us)
    known = Known({(POLICY, "access_events"): due_us}, protections, present)
    return [(one.verdict, one.seq) for one in Judge(known, times, witnessed).judge(certificate)]


def hold(**changes: object) -> Hold:
    scope = Scope(Category.ACCESS_EVENTS, "branch", None, day(1), day(3))
    plain = Hold("H1", "Court", "1/26", scope, placed_us=day(10), review_us=day(20))
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_what_was_destroyed_when_it_was_due_is_well() -> None:
    assert judged(CERTIFICATE) == []


def test_what_was_destroyed_too_early_is_named_by_its_first() -> None:
    assert judged(replace(CERTIFICATE, wall_us=day(95) - 1)) == [
        (Verdict.PREMATURE, 1),  # its own due_to_us says so
        (Verdict.PREMATURE, 42),
    ]
    assert judged(replace(CERTIFICATE, wall_us=day(95) - 1, due_to_us=None)) == [(Verdict.PREMATURE, 42)]


def test_what_is_never_destroyed_by_its_rule_was_destroyed_too_early() -> None:
    def never(_event_us: int) -> int:
        raise LookupError

    known = Known({(POLICY, "access_events"): never}, ())
    found = list(Judge(known, Times(), ()).judge(CERTIFICATE))
    assert [(one.verdict, one.seq) for one in found] == [(Verdict.PREMATURE, 1), (Verdict.PREMATURE, 42)]


def test_a_clock_that_was_not_believed_may_destroy_nothing() -> None:
    assert judged(replace(CERTIFICATE, clock_trusted=False)) == [(Verdict.PREMATURE, 1)]


@pytest.mark.parametrize(("at", "wrong"), [(41, []), (61, []), (20, [1, 42])])
def test_a_certificate_cannot_make_events_older_than_what_stands_before_them(
    at: int, wrong: list[int]
) -> None:
    """An event of day 10 that still stands before the last of a range: the range is not of day 0 to 2."""
    saw = [(at, day(10) + SLACK_US)]
    late = replace(CERTIFICATE, wall_us=day(99.9), due_to_us=None)
    wanted = wrong or ([42] if at == 41 else [])
    assert judged(late, saw=saw) == [(Verdict.PREMATURE, seq) for seq in wanted]


def test_a_clock_that_was_wrong_and_set_right_bounds_nothing() -> None:
    assert judged(CERTIFICATE, saw=[(5, day(0)), (20, day(30)), (35, day(1)), (61, day(60))]) == []
    assert judged(CERTIFICATE, saw=[(5, day(0)), (20, day(30)), (61, day(1))]) == [], "found out afterwards"


def test_that_a_clock_was_set_back_is_remembered() -> None:
    """Who can have a clock believed can so unbind what a certificate says: then that is not excluded."""
    times = Times()
    for seq, at in ((5, day(30)), (20, day(29)), (21, day(28.9))):
        times.saw(seq, at)
    assert times.set_back_at == 21


def test_a_certificate_of_no_policy_is_counted_where_there_is_one() -> None:
    """Who forges one would else take the rule of a branch that has none."""
    rules = {("", "access_events"): due_us}
    for known, counted in ((rules, 0), ({**rules, (POLICY, "access_events"): due_us}, 1)):
        judge = Judge(Known(known, ()), Times(), ())
        assert list(judge.judge(replace(CERTIFICATE, policy=""))) == []
        assert judge.under_none == counted


def test_a_hold_in_the_middle_of_a_stretch_is_counted() -> None:
    middle = hold(scope=Scope(Category.ACCESS_EVENTS, "branch", None, 10, 20))
    judge = Judge(Known({(POLICY, "access_events"): due_us}, [middle]), Times(), ())
    for times, counted in (((0, 30), 1), ((0, 9), 1), ((20, 30), 1)):
        one = replace(CERTIFICATE, event_seqs=((1, 3),), times_us=(times,))
        assert [wrong for wrong in judge.judge(one) if wrong.verdict is Verdict.HELD] == []
        assert judge.around_a_hold == counted


def test_a_certificate_of_another_site_is_counted() -> None:
    judge = Judge(Known({(POLICY, "access_events"): due_us}, [hold()]), Times(), ())
    assert list(judge.judge(replace(CERTIFICATE, site="elsewhere"))) == []
    assert judge.of_another_site == 1


def test_clocks_may_differ_by_a_day() -> None:
    assert judged(CERTIFICATE, saw=[(41, day(5) + SLACK_US)]) == []


def test_a_certificate_cannot_make_itself_younger_than_the_head_that_speaks_for_it() -> None:
    early = [(90, day(1)), (120, day(50)), (200, day(200))]
    assert judged(CERTIFICATE, witnessed=early) == [(Verdict.PREMATURE, seq) for seq in (1, 1, 42)]
    assert judged(CERTIFICATE, witnessed=[(90, day(1)), (120, day(96))]) == []


def test_without_its_policy_only_its_own_word_is_judged_and_that_is_counted() -> None:
    other = replace(CERTIFICATE, policy="cd" * 32)
    judge = Judge(Known({}), Times(), ())
    assert list(judge.judge(other)) == []
    assert judge.without_policy == 1
    (found,) = judge.judge(replace(other, due_to_us=day(96)))
    assert (found.verdict, found.seq) == (Verdict.PREMATURE, 1)


def test_certificates_without_times_are_counted_and_bound_by_what_stands_before() -> None:
    judge = Judge(Known({(POLICY, "access_events"): due_us}, ()), Times(), ())
    judge.times.saw(10, day(50))
    found: list[Wrong] = list(judge.judge(replace(CERTIFICATE, times_us=())))
    assert [(one.verdict, one.seq) for one in found] == [(Verdict.PREMATURE, 1), (Verdict.PREMATURE, 42)]
    assert judge.without_times == 1


def test_certificates_of_footage_are_judged_by_their_own_word() -> None:
    footage = replace(CERTIFICATE, category="footage", event_seqs=(), times_us=(), policy="")
    assert judged(footage) == []
    assert judged(replace(footage, due_to_us=day(96))) == [(Verdict.PREMATURE, 100)]


# --- holds and restrictions ---


@pytest.mark.parametrize(
    ("protection", "wrong"),
    [
        pytest.param(hold(), [1, 42], id="it holds the last of one range and the first of the next"),
        pytest.param(
            hold(scope=Scope(Category.ACCESS_EVENTS, "branch", None, day(3), day(6))), [42], id="last"
        ),
        pytest.param(
            hold(scope=Scope(Category.ACCESS_EVENTS, "branch", None, day(5), day(6))), [42], id="start"
        ),
        pytest.param(
            hold(scope=Scope(Category.ACCESS_EVENTS, "branch", None, day(6), day(9))), [], id="later"
        ),
        pytest.param(
            hold(scope=Scope(Category.ACCESS_EVENTS, "branch", None, day(-1), day(0))), [], id="half-open"
        ),
        pytest.param(hold(scope=Scope(Category.ACCESS_EVENTS, "other", None, day(1), day(3))), [], id="site"),
        pytest.param(
            hold(scope=Scope(Category.STAFF_ACTIONS, "branch", None, day(1), day(3))), [], id="category"
        ),
        pytest.param(
            hold(scope=Scope(Category.ACCESS_EVENTS, "branch", "front", day(1), day(3))), [], id="of one door"
        ),
        pytest.param(hold(placed_us=day(96), review_us=day(97)), [], id="placed too late"),
        pytest.param(hold(placed_us=day(95), review_us=day(97)), [], id="placed at the same moment"),
        pytest.param(hold(ended_us=day(20), end_reason="over"), [], id="ended long ago"),
        pytest.param(hold(ended_us=day(90), end_reason="over"), [1, 42], id="cooling off"),
        pytest.param(hold(ended_us=day(99), end_reason="over"), [1, 42], id="ended since"),
    ],
)
def test_what_a_hold_protected_then(protection: Hold, wrong: list[int]) -> None:
    assert judged(CERTIFICATE, protections=[protection]) == [(Verdict.HELD, seq) for seq in wrong]


def test_a_named_event_that_is_in_no_journal_any_more() -> None:
    one = event_id(day(1), 7)
    by_event = hold(scope=Scope(Category.ACCESS_EVENTS, "branch", None, day(1), day(1), frozenset({one})))
    restriction = Restriction("R1", "SAR 1", Ground.ACCURACY, frozenset({one}), day(9), "desk")
    for protection in (by_event, restriction):
        assert judged(CERTIFICATE, protections=[protection], present=lambda _: False) == [(Verdict.HELD, 1)]
        assert judged(CERTIFICATE, protections=[protection], present=lambda _: True) == []
        assert judged(CERTIFICATE, protections=[protection]) == []


def test_of_a_single_device_a_certificate_alone_cannot_tell() -> None:
    assert judgeable(hold())
    assert not judgeable(hold(scope=Scope(Category.ACCESS_EVENTS, "branch", "front", day(1), day(3))))
