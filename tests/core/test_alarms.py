from controller.core.alarms import DELAY_S, EVENTS, Alarm


def test_every_alarm_has_a_delay_and_two_events_that_no_other_has() -> None:
    assert set(EVENTS) == set(DELAY_S) == set(Alarm)
    types = [type for events in EVENTS.values() for type in (events.begun, events.ended)]
    assert len(set(types)) == len(types)


def test_a_call_for_help_waits_for_nothing() -> None:
    assert DELAY_S[Alarm.HELP] == 0
