"""``unlocked setup`` that asks."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import cv2
import pytest
from click.testing import CliRunner, Result

from controller.commands.main import main
from controller.commands.setup.guided.guide import PARTS
from controller.core.event import EventType
from controller.settings.load import load
from controller.settings.paths import Paths
from controller.store.journal_reader import JournalReader
from simulator.broker import Broker
from simulator.camera.camera import Camera
from simulator.card_formats import LINE
from simulator.pins.panel import Panel
from simulator.serial_wire import SerialWire
from simulator.terminal import Terminal

Asked = Callable[..., Result]
PLACES = 'asked = []\n[branch]\nstate_dir = "{0}/state"\nrun_dir = "{0}/run"\nsecrets_dir = "{0}/secrets"\n'
BRANCH = ("testshire", "market-street", "Market Street Library")
HOURS = ("none", "mon-fri 08:00-20:00", "1")
NO_POLICY = "5"
READER = ("1", "/dev/ttyUSB0", "", "1", "n", "", "n")
DOOR = ("1", *READER, "1", "17", "y", "n", "y", "27", "n", "y", "22", "n")
BUILDING = ("n", "n")
NOTHING_ELSE = ("0", "n", "1", "")
DEMO_KEY = "3"
NO_PAGES = "n"
WRITE = "0"
ALL = (*BRANCH, *HOURS, NO_POLICY, *DOOR, *BUILDING, *NOTHING_ELSE, DEMO_KEY, NO_PAGES)


@pytest.fixture
def progress(config: Path, tmp_path: Path) -> Path:
    """The answers so far: where this branch keeps its files."""
    config.parent.mkdir()
    file = config.with_name("setup-answers.toml")
    file.write_text(PLACES.format(tmp_path))
    return file


@pytest.fixture
def asked(progress: Path, config: Path, units: Path) -> Asked:
    """Asked everything, and given these answers."""

    def run(*answers: str) -> Result:
        command = ["setup", "--config", str(config), "--units", str(units)]
        result = CliRunner().invoke(main, command, input="".join(f"{answer}\n" for answer in answers))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def test_a_branch_is_set_up_by_its_answers(asked: Asked, config: Path, progress: Path) -> None:
    said = asked(*ALL, WRITE)
    assert said.exit_code == 0, said.output
    settings = load(config)
    assert settings.branch.name == "Market Street Library"
    assert settings.hours.unstaffed["fri"] == ("08:00-20:00",)
    [door] = settings.doors
    assert (door.lock.pin, door.readers[0].port) == (17, "/dev/ttyUSB0")
    assert door.contact is not None
    assert not door.contact.active_low
    assert not progress.exists()
    assert "How it looks" in said.output


def test_whoever_ends_it_goes_on_where_they_were(asked: Asked, config: Path, progress: Path) -> None:
    said = asked(*BRANCH, *HOURS[:2])
    assert said.exit_code == 1
    assert str(progress) in said.output
    kept = tomllib.loads(progress.read_text())
    assert kept["asked"] == ["branch"]
    assert kept["hours"]["unstaffed"]["mon"] == ["08:00-20:00"]
    assert not config.exists()
    said = asked("", "", *ALL[5:], WRITE)
    assert said.exit_code == 0, said.output
    assert f"\n1/{len(PARTS)} " not in said.output
    assert f"\n2/{len(PARTS)} " in said.output
    assert load(config).hours.unstaffed["mon"] == ("08:00-20:00",)


def test_what_is_wrong_is_asked_again_at_once(asked: Asked) -> None:
    said = asked("Test Shire", "testshire", "b", "n", "mon 8-20")
    assert "use up to 40 small letters" in said.output
    assert '"8-20" is not a period' in said.output


def test_a_part_can_be_gone_through_again(asked: Asked, config: Path) -> None:
    said = asked(*ALL, "1", "", "", "Another Name", WRITE)
    assert said.exit_code == 0, said.output
    assert load(config).branch.name == "Another Name"


def test_what_does_not_go_together_is_told_and_corrected(asked: Asked, config: Path) -> None:
    same_pin = [*DOOR]
    same_pin[-2] = "17"
    answers = (*BRANCH, *HOURS, NO_POLICY, *same_pin, *BUILDING, *NOTHING_ELSE, DEMO_KEY, NO_PAGES)
    said = asked(*answers, "4", *DOOR, WRITE)
    assert said.exit_code == 0, said.output
    assert "pin 17 is used by" in said.output
    assert load(config).doors[0].exit_button is not None


def test_settings_that_are_there_are_the_defaults(asked: Asked, config: Path) -> None:
    assert asked(*ALL, WRITE).exit_code == 0
    first = config.read_text()
    same = ["" if answer not in ("n", NO_POLICY) else answer for answer in ALL]
    policy, key = len(BRANCH + HOURS), len(ALL) - 2
    assert ALL[policy] == NO_POLICY
    del same[key]  # its key is there, and is not asked for
    said = asked(*same, WRITE)
    assert said.exit_code == 0, said.output
    assert config.read_text() == first
    said = asked(*BRANCH[:2], "Another Name", *same[3:], WRITE, "y")
    assert said.exit_code == 0, said.output
    assert config.with_name("branch.toml.before").read_text() == first


def test_backups_go_to_a_folder(asked: Asked, config: Path) -> None:
    recipient = f"age1{'q' * 58}"
    backups = ("age", recipient, "/media/backup")
    said = asked(
        *BRANCH, *HOURS, NO_POLICY, *DOOR, *BUILDING, "0", "n", "1", *backups, DEMO_KEY, NO_PAGES, WRITE
    )
    assert said.exit_code == 0, said.output
    backup = load(config).backup
    assert backup is not None
    assert (backup.recipients, backup.folder) == ((recipient,), Path("/media/backup"))
    before = config.read_text()
    said = asked(*BRANCH, *HOURS, NO_POLICY, *DOOR, *BUILDING, "0", "n", "1", "", "", NO_PAGES, WRITE)
    assert said.exit_code == 0, said.output
    assert config.read_text() == before


def test_what_failed_at_the_end_is_done_the_next_time(
    asked: Asked, config: Path, progress: Path, tmp_path: Path
) -> None:
    key = ("1", f"{tmp_path}/key.pem")
    answers = (*ALL[: -len((DEMO_KEY, NO_PAGES))], *key, NO_PAGES)
    said = asked(*answers, WRITE, "short", "short")
    assert said.exit_code == 1
    assert "the passphrase needs" in said.output
    assert config.exists()
    assert progress.exists()
    said = asked(WRITE, "correct horse battery", "correct horse battery")
    assert said.exit_code == 0, said.output
    assert (tmp_path / "secrets" / "site-key").exists()
    assert not progress.exists()


def test_two_doors_with_osdp_and_a_maglock(asked: Asked, config: Path) -> None:
    osdp = ("1", "/dev/ttyUSB1", "", "2", "3", "", "y", "n")
    second = ("garden", *osdp, "2", "5", "n", "n", "n", "n")
    doors = ("2", "front", *DOOR[1:], *second)
    said = asked(*BRANCH, *HOURS, NO_POLICY, *doors, *BUILDING, *NOTHING_ELSE, DEMO_KEY, NO_PAGES, WRITE)
    assert said.exit_code == 0, said.output
    settings = load(config)
    garden = settings.door("garden")
    assert garden.readers[0].address == 3
    assert (garden.lock.kind, garden.lock.active_high) == ("fail-safe", False)
    assert (settings.cards.min_length, settings.cards.max_length) == (10, 14)
    assert "unlocked reader pair --door garden --reader in" in said.output


def test_secrets_that_are_typed_are_in_their_place_and_nowhere_else(
    asked: Asked, config: Path, progress: Path, tmp_path: Path
) -> None:
    camera = ("1", "n", "hall", "1", "rtsp://camera/1", "watcher", "camera secret", "n")
    broker = ("y", "broker.example.org", "", "", "sender", "broker secret", "n")
    koha = ("3", "http://library", "https://library.example", "id", "koha secret", "")
    answers = [*BRANCH, *HOURS, NO_POLICY, *DOOR, *BUILDING, *camera, *broker, *koha, DEMO_KEY, NO_PAGES]
    said = asked(*answers)
    kept = progress.read_text()
    said = asked(WRITE, "n", "n")
    assert said.exit_code == 0, said.output
    settings = load(config)
    assert (settings.mqtt.port, settings.cameras[0].username) == (8883, "watcher")
    for name, secret in (
        ("camera-hall-password", "camera secret"),
        ("mqtt-password", "broker secret"),
        ("lms-client-secret", "koha secret"),
    ):
        assert (tmp_path / "secrets" / name).read_text() == f"{secret}\n"
        assert secret not in said.output + kept + config.read_text()


@pytest.mark.system
def test_camera_and_broker_are_tried(asked: Asked, config: Path, tmp_path: Path) -> None:
    picture = tmp_path / "hall.png"
    with Camera(width=320, height=180) as camera, Broker(tmp_path / "broker") as broker:
        cameras = ("1", "n", "hall", "1", camera.url, "", "y")
        mqtt = ("y", "127.0.0.1", str(broker.port), "", "y")
        answers = [*BRANCH, *HOURS, NO_POLICY, *DOOR, *BUILDING, *cameras, *mqtt, "1", "", DEMO_KEY, NO_PAGES]
        said = asked(*answers, WRITE, "y", str(picture))
    assert said.exit_code == 0, said.output
    assert "It sends h264, 320 x 180: one picture was decoded" in said.output
    assert "Connected" in said.output
    assert cv2.imread(str(picture)).shape == (180, 320, 3)
    journal = JournalReader(Paths.of(load(config)).journal("console"))
    with closing(journal):
        [event] = journal.read(0, types=[EventType.CAMERA_PICTURE_TAKEN])
    assert (event.subject, event.data["need"]) == ("hall", "set-up")


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[Panel]:
    with Panel(tmp_path / "pins.sock") as panel:
        yield panel


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[SerialWire]:
    with SerialWire(tmp_path / "reader") as wire:
        yield wire


@pytest.mark.system
def test_hardware_is_tried_at_a_terminal(
    progress: Path, config: Path, units: Path, tmp_path: Path, panel: Panel, wire: SerialWire
) -> None:
    panel.set(27, False)  # the contact is made: the door is closed
    command = ("setup", "--config", config, "--units", units)
    terminal = Terminal(*command, environment=panel.environment)
    try:
        for question, answer in (("Authority, such", BRANCH[0]), ("Branch, such", BRANCH[1])):
            terminal.answer(question, answer)
        terminal.answer("for people", BRANCH[2])
        terminal.until("Staffed hours")
        assert terminal.interrupt() == 1
    finally:
        terminal.close()
    terminal = Terminal(*command, environment=panel.environment)
    try:
        for question, answer in (
            ("Staffed hours", ""),
            ("Unstaffed hours", ""),
            ("Number", ""),
            ("Number", "5"),
        ):
            terminal.answer(question, answer)
        for question, answer in (
            ("How many doors", ""),
            ("How many card", ""),
            ("Port, such", str(wire.path)),
        ):
            terminal.answer(question, answer)
        for question in ("Bits per", "Number", "Listen to it"):
            terminal.answer(question)
        terminal.until("Swipe several cards")
        for number in range(1, 4):
            wire.pour(LINE.sent("25891000331441"))
            assert "99999999999999" in terminal.until(rf" {number}\. .*\n")
        terminal.answer("card numbers of 14 characters[^$]*Number")
        for question in ("lamps or a buzzer", "green lamp fitted", "GPIO number", "Try it now"):
            terminal.answer(question, "y" if "lamps" in question else "")
        terminal.answer("green lamp on")
        terminal.answer("red lamp fitted", "n")
        terminal.answer("buzzer fitted", "n")
        for question in ("Number", "GPIO number", "high level", "Try it now", "Did it click"):
            terminal.answer(question)
        for question in ("door contact fitted", "GPIO number", "Try it now"):
            terminal.answer(question)
        terminal.until("Open the door now")
        panel.set(27, True)
        terminal.until("Now as it was")
        panel.set(27, False)
        terminal.until("active while the contact is not made")
        for question in ("exit button fitted", "GPIO number", "Try it now"):
            terminal.answer(question)
        terminal.answer("Press the exit button now")  # nobody does
        terminal.answer("Try it again", "n")
        for question, answer in (
            ("fire relay", "n"),
            ("battery clock", ""),
            ("cameras", ""),
            ("broker", "n"),
        ):
            terminal.answer(question, answer)
        terminal.answer("Number")
        terminal.answer("Public key for backups")
        terminal.answer("Number", "1")
        terminal.answer("private key goes", f"{tmp_path}/key.pem")
        terminal.answer("staff pages wanted")
        terminal.answer("Name to log in", "j.smith")
        terminal.answer("Last day", "2099-12-31")
        terminal.answer("Which part")
        terminal.answer("Passphrase", "correct horse battery")
        terminal.answer("Repeat", "correct horse battery")
        assert terminal.ended() == 0
    finally:
        terminal.close()
    assert "Account j.smith: added, supervisor" in terminal.said
    assert "correct horse" not in terminal.said
    assert "25891000331441" not in terminal.said
    assert [len(panel.pulses(pin)) for pin in (17, 24)] == [2, 1]
    assert not panel.level(17)
    assert load(config).doors[0].contact is not None
    assert (tmp_path / "key.recovery.txt").is_file()
