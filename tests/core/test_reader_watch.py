from controller.core.reader_watch import (
    BYTES_AT_ONCE,
    BYTES_PER_S,
    GARBAGE_AT_ONCE,
    GARBAGE_PER_S,
    Babble,
    Silence,
)

S = 1_000_000
HOUR_S = 3600


def of_bytes() -> Babble:
    return Babble(BYTES_AT_ONCE, BYTES_PER_S)


def told(babble: Babble, amount: int, every_s: float, for_s: float) -> list[tuple[float, bool]]:
    """The moments, in seconds, at which it begins and ends."""
    before, found = babble.babbling, []
    for count in range(round(for_s / every_s)):
        at_s = count * every_s
        if babble.came(amount, round(at_s * S)) != before:
            before = babble.babbling
            found.append((at_s, before))
    return found


def test_a_tag_that_is_held_there_is_no_babble() -> None:
    assert told(of_bytes(), 14, every_s=0.05, for_s=120) == []


def test_the_longest_qr_code_is_no_babble() -> None:
    assert not of_bytes().came(2953, 0)


def test_noise_at_9600_bits_a_second_is_told_once_within_ten_seconds() -> None:
    found = told(of_bytes(), 1, every_s=1 / 960, for_s=60)
    assert [begins for _, begins in found] == [True]
    assert found[0][0] < 10


def test_a_flood_is_told_at_once() -> None:
    assert of_bytes().came(BYTES_AT_ONCE + 1, 0)


def test_noise_that_comes_and_goes_is_told_once() -> None:
    babble = of_bytes()
    assert babble.came(5000, 0)
    assert all(babble.came(1000, seconds * S) for seconds in range(2, 200, 2))


def test_it_is_over_when_the_line_was_quiet_for_some_seconds_whatever_came_before() -> None:
    babble = of_bytes()
    for _ in range(1000):
        babble.came(4095, 0)
    assert BYTES_AT_ONCE / BYTES_PER_S == 8
    assert babble.came(0, 7_990_000)
    assert not babble.came(0, 8_000_000)
    assert not babble.came(15, 9_000_000)


def test_swipes_do_not_keep_it_babbling() -> None:
    babble = of_bytes()
    babble.came(5000, 0)
    assert not [at_s for at_s in range(1, 20) if babble.came(15, at_s * S)][8:]


def test_things_that_are_no_card_are_babble_when_they_go_on_and_on() -> None:
    babble = Babble(GARBAGE_AT_ONCE, GARBAGE_PER_S)
    assert told(babble, 1, every_s=6, for_s=HOUR_S) == []
    babble = Babble(GARBAGE_AT_ONCE, GARBAGE_PER_S)
    (began_s, begins), *others = told(babble, 1, every_s=2, for_s=HOUR_S)
    assert (60 < began_s < 90, begins, others) == (True, True, [])


def test_a_card_in_between_shows_that_the_reader_works() -> None:
    babble = Babble(GARBAGE_AT_ONCE, GARBAGE_PER_S)
    for count in range(200):
        assert not babble.came(1, count * S)
        if count % 10 == 0:
            babble.empty()


def test_a_clock_at_its_beginning_leaks_nothing() -> None:
    babble = of_bytes()
    babble.came(BYTES_AT_ONCE, 10**15)
    assert babble.came(1, 10**15)


def quiet(silence: Silence, from_s: int, to_s: int, *, counts: bool = True) -> list[int]:
    return [at_s for at_s in range(from_s, to_s) if silence.look(at_s * S, counts=counts)]


def test_silence_begins_once_after_its_hours() -> None:
    assert quiet(Silence(2 * HOUR_S * S), 0, 5 * HOUR_S) == [2 * HOUR_S]


def test_hours_in_which_no_card_is_needed_do_not_count() -> None:
    silence = Silence(2 * HOUR_S * S)
    assert quiet(silence, 0, HOUR_S) == []
    assert quiet(silence, HOUR_S, 10 * HOUR_S, counts=False) == []
    assert len(quiet(silence, 10 * HOUR_S, 12 * HOUR_S)) == 1


def test_the_next_card_ends_it_and_it_may_begin_again() -> None:
    silence = Silence(HOUR_S * S)
    assert not silence.heard()
    assert len(quiet(silence, 0, 2 * HOUR_S)) == 1
    assert silence.heard()
    assert not silence.heard()
    assert quiet(silence, 2 * HOUR_S, 3 * HOUR_S - 1) == []
    assert len(quiet(silence, 3 * HOUR_S - 1, 4 * HOUR_S)) == 1


def test_silence_that_is_not_looked_for() -> None:
    assert quiet(Silence(0), 0, 100 * HOUR_S) == []
