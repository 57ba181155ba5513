import os
import termios
import threading
import time
from collections.abc import Iterator

import pytest
from pytest_mock import MockerFixture

from controller.devices import DeviceLost
from drivers.serial_reader import SerialReader


@pytest.fixture
def line() -> Iterator[tuple[int, str]]:
    """The reader's end of a line, and the name of ours."""
    far, near = os.openpty()
    yield far, os.ttyname(near)
    for fd in (far, near):
        try:
            os.close(fd)
        except OSError:
            continue


def read_all(reader: SerialReader, count: int) -> bytes:
    data = b""
    for _ in range(100):
        data += reader.read()
        if len(data) >= count:
            break
    return data


def test_it_reads_what_the_reader_sends(line: tuple[int, str]) -> None:
    far, name = line
    reader = SerialReader(name, 9600)
    os.write(far, b"25891000331441\r")
    assert read_all(reader, 15) == b"25891000331441\r"
    reader.close()


def test_silence_is_no_bytes_and_no_error(line: tuple[int, str]) -> None:
    reader = SerialReader(line[1], 9600)
    assert reader.read() == b""
    reader.close()


def test_what_waited_in_the_line_is_thrown_away(line: tuple[int, str]) -> None:
    far, name = line
    os.write(far, b"25891000331441\r")
    reader = SerialReader(name, 9600)
    os.write(far, b"new\r")
    assert read_all(reader, 4) == b"new\r"
    reader.close()


def test_a_card_that_is_being_sent_while_the_line_is_opened_is_thrown_away_whole(
    line: tuple[int, str],
) -> None:
    far, name = line
    begun = threading.Event()

    def send() -> None:
        for byte in b"25891000331441\r":
            os.write(far, bytes([byte]))
            begun.set()
            time.sleep(0.005)

    sender = threading.Thread(target=send)
    sender.start()
    begun.wait(5)
    reader = SerialReader(name, 9600)
    sender.join()
    os.write(far, b"next\r")
    assert read_all(reader, 5) == b"next\r"
    reader.close()


def test_a_line_that_is_never_silent_is_listened_to_all_the_same(line: tuple[int, str]) -> None:
    far, name = line
    stop = threading.Event()

    def chatter() -> None:
        while not stop.wait(0.005):
            os.write(far, b"x")

    sender = threading.Thread(target=chatter)
    sender.start()
    reader = SerialReader(name, 9600)
    assert read_all(reader, 1)
    stop.set()
    sender.join()
    reader.close()


def test_a_reader_that_is_not_there_is_lost() -> None:
    with pytest.raises(DeviceLost):
        SerialReader("/dev/serial/by-id/none", 9600)


def test_a_reader_that_is_unplugged_is_lost(line: tuple[int, str]) -> None:
    far, name = line
    reader = SerialReader(name, 9600)
    os.close(far)
    with pytest.raises(DeviceLost):
        read_all(reader, 1)
    reader.close()


@pytest.mark.parametrize("error", [termios.error(5, "gone"), OSError(5, "gone")])
def test_every_way_of_losing_it_is_one_error(
    line: tuple[int, str], mocker: MockerFixture, error: Exception
) -> None:
    reader = SerialReader(line[1], 9600)
    mocker.patch.object(reader._serial, "read", side_effect=error)
    with pytest.raises(DeviceLost):
        reader.read()
    reader.close()


def test_closing_never_raises(line: tuple[int, str], mocker: MockerFixture) -> None:
    reader = SerialReader(line[1], 9600)
    mocker.patch.object(reader._serial, "close", side_effect=termios.error(5, "gone"))
    reader.close()
    mocker.stopall()
    reader.close()
