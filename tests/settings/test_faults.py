"""Every mistake in branch.toml is one line: file, key, remedy."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from controller.settings.hints import hints
from controller.settings.load import SettingsError, load

OUTPUT = '[[outputs]]\nid = "lights"\npin = 5\non_in = ["staffed"]\n'
COUNTED = "[occupancy]\nestimate = true\n"
ANNOUNCED = "[announcements]\nminutes_before_closing = {}\n"
LEAVING = "[doors.exit_button]\npin = 22\n"
MINIMAL = """
[branch]
authority = "example"
branch = "desk"
name = "The desk"
[[doors]]
[[doors.readers]]
port = "/dev/ttyACM0"
[doors.lock]
pin = 17
"""


SECOND_READER = '[[doors.readers]]\nport = "/dev/ttyACM1"\n'
SECOND_DOOR = '[[doors]]\nreaders = [{ port = "/dev/ttyACM0" }]\nlock = { pin = 18 }\n'
DISPLAY = "[doors.readers.display]\n"
OSDP = 'port = "/dev/ttyACM0"\nformat = "osdp"\nosdp_card = "text"\n'
SECOND_OSDP = f'[[doors.readers]]\nid = "out"\n{OSDP}'
PORT = 'port = "/dev/ttyACM0"'
CAMERA = "[[cameras]]\nid = 'a'\nurl = 'rtsp://host/x'\n"
SIP2 = "[lms.sip2]\ndialect = 'koha'\nhost = 'lms.example'\n"


def faults(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "branch.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load(file)
    return [line.removeprefix(f"{file}: ") for line in str(caught.value).splitlines()]


@pytest.mark.parametrize(
    ("added", "key", "remedy"),
    [
        ("[footage]\nretention_days = 9", "footage.retention_days", "at least 10, not 9"),
        ("[footage]\nretention_days = 31", "footage.retention_days", "at most 30, not 31"),
        ("[footage]\nretention_days = 30", "footage", "set retention_days = 29"),
        ("[footage]\nretention_days = 30\nsegment_s = 600", "footage", "720 h is the limit"),
        ("[footage]\nretention_days = '14 days'", "footage.retention_days", 'a whole number, not "14 days"'),
        ("[footage]\nretention_days = 14.5", "footage.retention_days", "a whole number, not 14.5"),
        ("[clock]\nbattery_clock = 'often'", "clock.battery_clock", 'true or false, not "often"'),
        ("[footage]\ndir = 5", "footage.dir", "a path in quotes, not 5"),
        ("[texts]\ngranted = 'Come in'", "texts.granted", 'a list such as ["…", "…"], not "Come in"'),
        ("[journal]\nwait_ms = { short = 1 }", "journal.wait_ms", "a whole number, not a table"),
        ("[hours]\nstaffed = ['10:00-12:00']", "hours.staffed", "{} is an empty one, not a list of 1"),
        (ANNOUNCED.format("[]") + "pin = 9", "announcements.minutes_before_closing", "add one, or remove"),
        (ANNOUNCED.format("[5, 5]") + "pin = 9", "announcements.minutes_before_closing", "leave it once"),
        (ANNOUNCED.format("[0]") + "pin = 9", "announcements.minutes_before_closing[1]", "at least 1, not 0"),
        (ANNOUNCED.format("[5]"), "announcements", "set sound, pin or both"),
        (ANNOUNCED.format("[5]") + "sound = 'a.wav'", "announcements.sound", "begin it with /"),
        (ANNOUNCED.format("[5]") + "sound = '/a'\npulse_s = 2", "announcements", "pulse_s means nothing"),
        (ANNOUNCED.format("[5]") + "pin = 17", "(whole file)", "announcements.pin"),
        (f"[mqtt]\nport = 0x{'9' * 5000}", "mqtt.port", "not a number of that size"),
        ("[mqtt]\nhost = 7", "mqtt.host", "a text in quotes, not 7"),
        ("[feed]\nfolder = '/f'\npublic_key = 'RW'", "feed.public_key", "second line of minisign's file"),
        (
            "[feed.sftp]\nhost = 'f'\nusername = 'u'\nhost_key = 'f ssh-rsa A'",
            "feed.sftp.host_key",
            "behind the host name",
        ),
        (f"{SIP2}[lms.sip2.fields]\nexpiry = 'P'", "lms.sip2.fields.expiry", "two characters, such as PA"),
        (
            f"{SIP2}[lms.sip2.fields]\ndate_formats = []",
            "lms.sip2.fields.date_formats",
            "at least 1, not a list of 0",
        ),
        ("[mqtt]\nhost = ''", "mqtt.host", "must not be empty"),
        ("[doors.lock_sensor]\npin = 5\nsettle_s = 5", "doors[1]", "a lock that jams is never seen"),
        ("[inputs.help]\npin = 5\ndelay_s = 60", "inputs.help.delay_s", "at most 10.0, not 60"),
        ("[inputs.panic]\npin = 5", "inputs.panic", "no such key"),
        (
            "[doors.exit_button]\npin = 22\n[inputs.fire]\npin = 22",
            "(whole file)",
            "exit_button.pin and inputs.fire.pin",
        ),
        (
            SECOND_DOOR.replace("18", "17") + 'id = "back"',
            "(whole file)",
            "doors[front].lock.pin and doors[back].lock.pin",
        ),
        ("[footage]\nretention = 14", "footage.retention", "correct its spelling"),
        (
            "[doors.contact]\npin = 17",
            "(whole file)",
            "is used by doors[front].lock.pin and doors[front].contact.pin",
        ),
        ("[doors.contact]\npin = 28", "doors[1].contact.pin", "at most 27"),
        ("[hours.unstaffed]\nmon = ['20:00-08:00']", "hours.unstaffed.mon[1]", "to 24:00 and from 00:00"),
        ("[hours.unstaffed]\nmon = ['8-20']", "hours.unstaffed.mon[1]", 'write it as "08:00-17:30"'),
        ("[hours.unstaffed]\nmon = ['08:00-12:00', '11:00-13:00']", "hours", "overlap"),
        ("[hours.unstaffed]\nmonday = ['08:00-12:00']", "hours.unstaffed.monday", '"mon"'),
        ("[access]\ncompanions = true", "access", "set both, or neither"),
        ("[access]\nminimum_age = true\ncompanion_s = 1", "access.companion_s", "at least 5"),
        ("[access]\nminimum_age = 16", "access.minimum_age", "true or false"),
        ("[categories.'a;b']\nopens_up = true", "categories.a;b", "letters, digits, spaces"),
        ("[categories.cleaner.hours]\nmon = ['06:00-08:00', '07:00-09:00']", "categories.cleaner", "overlap"),
        (
            "[categories.cleaner.hours]\nmon = ['6-8']",
            "categories.cleaner.hours.mon[1]",
            'write it as "08:00-17:30"',
        ),
        ("[categories.cleaner]\nunstaffed = {}", "categories.cleaner.unstaffed", "there is no such key"),
        ("[lockout]\nreader_s = 601", "lockout.reader_s", "at most 600"),
        ("[hours.bank_holidays]\nnation = 'wales'", "hours.bank_holidays.nation", '"england-and-wales"'),
        ("[hours.bank_holidays]\nstaffed = ['9-10']", "hours.bank_holidays.staffed[1]", "08:00-17:30"),
        (
            "[hours.bank_holidays]\nstaffed=['09:00-11:00']\nunstaffed=['10:00-12:00']",
            "hours.bank_holidays",
            "overlap",
        ),
        (
            "[hours.dates]\n2026-12-24 = { staffed = ['09:00-11:00', '10:00-12:00'] }",
            "hours.dates.2026-12-24",
            "overlap",
        ),
        (
            "[hours.dates]\n2026-12-24 = { staffed = ['9-10'] }",
            "hours.dates.2026-12-24.staffed[1]",
            "08:00-17:30",
        ),
        (
            "[hours.dates]\n2026-12-24 = { closed = true }",
            "hours.dates.2026-12-24.closed",
            "there is no such key",
        ),
        (
            "[hours.dates]\n2026-12-25 = 'closed'",
            "hours.dates.2026-12-25",
            '{} is an empty one, not "closed"',
        ),
        ("[outputs]\nid = 'lights'", "outputs", "write [[outputs]], with two brackets"),
        ("[hours.dates]\n2026-02-29 = {}", "hours.dates.2026-02-29", "no such date"),
        ("[hours.dates]\n20261224 = {}", "hours.dates.20261224", "write it as"),
        ("[hours.dates]\nchristmas = {}", "hours.dates.christmas", "no such date"),
        (
            "[hours.dates]\n'2026-12-24 to 2026-12-24' = {}",
            "hours.dates.2026-12-24 to 2026-12-24",
            "after the first",
        ),
        (
            "[hours.dates]\n'2026-12-24 to 2028-01-01' = {}",
            "hours.dates.2026-12-24 to 2028-01-01",
            "correct a year",
        ),
        ("[hours.dates]\n'2026-12-24 to 2026-12-26' = {}\n2026-12-25 = {}", "hours", "2026-12-25 is in"),
        ("[hours]\nclear_out_min = 721", "hours.clear_out_min", "at most 720"),
        ("[mqtt]\nhost = 'broker.example'\ntls = false", "mqtt", "for a broker on this machine only"),
        ("[mqtt]\nprotocol = '3'", "mqtt.protocol", '"5" or "3.1.1"'),
        ("[[cameras]]\nid = 'a'\nurl = 'rtsp://user:word@host/x'", "cameras[a]", "camera-a-password"),
        ("[[cameras]]\nid = 'a'\nurl = 'http://host/x'", "cameras[a]", "rtsp://host/path"),
        ("[[cameras]]\nid = 'A b'\nurl = 'rtsp://host/x'", "cameras[A b].id", "small letters, digits"),
        ("[[cameras]]\nid = 'a'\nkind = 'usb'", "cameras[a]", "/dev/v4l/by-id"),
        (
            "[[cameras]]\nid = 'a'\nurl = 'rtsp://host/x'\nmasks = [[[0, 0], [1, 0], [1, 1]]]",
            "cameras[a]",
            "own_masks = true",
        ),
        (f"{CAMERA}masks = [[[0, 0], [640, 0], [640, 360]]]", "cameras[a].masks[1]", "not pixels"),
        (f"{CAMERA}masks = [[[0, 0], [1, 0]]]", "cameras[a].masks[1]", "3 to 32 corners"),
        (f"{CAMERA}masks = [[[0.1, 0], [0.5, 0], [1, 0]]]", "cameras[a].masks[1]", "nothing within"),
        ("[[cameras]]\nid = 'a'\nurl = 'rtsp:///stream'", "cameras[a]", "names no host"),
        ("[[cameras]]\nid = 'a'\nurl = 'rtsp:// host/stream'", "cameras[a]", "names no host"),
        ("[footage]\ndir = 'footage'", "footage.dir", "begin it with /"),
        ("[footage]\nretention_days = 30\nsweep_interval_min = 1440", "footage", "set retention_days = 28"),
        (f"{CAMERA}mode = 'off'", "cameras[a].mode", "[cameras.by_hours]"),
        (f"{CAMERA}[cameras.by_hours]\nstaffed = 'motion'", "cameras[a].by_hours.staffed", 'or "off", not'),
        (f"{CAMERA}[[cameras.by_hours]]\nstaffed = 'off'", "cameras[a].by_hours", "write [cameras.by_hours]"),
        (
            f"{CAMERA}[[cameras.zones]]\npolygon = [[0, 0], [1, 0], [-1, 1]]",
            "cameras[a].zones[1].polygon",
            "from 0.0 to 1.0",
        ),
        (
            "[[cameras]]\nid='a'\nurl='rtsp://h/x'\n[[cameras]]\nid='a'\nurl='rtsp://h/y'",
            "(whole file)",
            "its own",
        ),
        ("[pin]\nmin_length = 9", "pin", "swap them"),
        ("[pin]\nmax_length = 13", "pin.max_length", "at most 12"),
        ("[pin]\noffline = true\nrequire = 'hours'", "pin", "list when"),
        ("[pin]\nhours = { mon = ['08:00-09:00'] }", "pin", 'means nothing with require = "never"'),
        (
            "[pin]\noffline = true\nrequire = 'hours'\nhours = { mon = ['9-10'] }",
            "pin.hours.mon[1]",
            "08:00-17:30",
        ),
        (
            "[pin]\noffline = true\nrequire = 'hours'\nhours = { mon = ['08:00-09:00', '08:30-10:00'] }",
            "pin",
            "overlap",
        ),
        ("[pin]\nrequire = 'always'", "(whole file)", "pin.offline = true"),
        (
            "[pin]\noffline = true\nrequire = 'always'",
            "(whole file)",
            'reader "in" of door "front" has no keypad',
        ),
        ("[cards]\nmin_length = 15", "cards", "swap them"),
        (SECOND_DOOR, "(whole file)", "two doors have id"),
        (SECOND_DOOR + 'id = "back"', "(whole file)", 'devices have port = "/dev/ttyACM0"'),
        (OUTPUT.replace("5", "17"), "(whole file)", "doors[front].lock.pin and outputs[lights].pin"),
        (OUTPUT + OUTPUT.replace("5", "6"), "(whole file)", 'two outputs have id = "lights"'),
        (OUTPUT.replace("staffed", "open"), "outputs[lights].on_in[1]", '"unstaffed"'),
        (OUTPUT + 'keep_while_occupied = "on"', "(whole file)", "outputs[lights] needs to know how many"),
        (OUTPUT + "empty_min = 5", "outputs[lights]", "without keep_while_occupied or off_when_empty"),
        (OUTPUT + 'pulse_s = 1\nsafe = "leave"', "outputs[lights]", 'set safe = "off"'),
        ("[capacity]\nlimit = 30", "(whole file)", "set occupancy.estimate = true"),
        (COUNTED, "(whole file)", 'nobody is seen to leave by door "front"'),
        (LEAVING + COUNTED + 'empty_at = "3:00"', "occupancy.empty_at", 'write it as "03:00"'),
        (LEAVING + COUNTED + 'empty_at = "24:00"', "occupancy.empty_at", 'write it as "03:00"'),
        ("[doors.counter_in]\npin = 6", "doors[1]", "set both or neither"),
        ("[passages]\nevidence = true", "(whole file)", "add [doors.contact]"),
        ("[console.statistics]\nsuppressed_below = 5", "console.statistics.suppressed_below", "at least 10"),
        ("[console.statistics]\nrounded_to = 20", "console.statistics", "suppressed_below as high"),
        ("[anti_passback]\npolicy = 'warn'", "(whole file)", 'set its side = "out"'),
        ("[anti_passback]\npolicy = 'perhaps'", "anti_passback.policy", '"off", "warn" or "refuse"'),
        (SECOND_READER, "doors[1]", "two readers have id"),
        (DISPLAY + 'port = "/dev/ttyACM0"', "(whole file)", '2 devices have port = "/dev/ttyACM0"'),
        (DISPLAY + 'port = "/dev/ttyS0"\ncolumns = 8', "doors[1].readers[1].display.columns", "at least 16"),
        ("[texts]\nwelcome = ['Croeso']", "texts", 'nothing is told as "welcome"'),
        ("[texts]\ngranted = []", "texts", "granted has 0 lines; give it 1 to 4"),
        ('[texts]\ngranted = ["a\\nb"]', "texts.granted[1]", "quotes of its own"),
        ("[texts]\ngranted = ['" + 33 * "x" + "']", "texts.granted[1]", "at most 32 characters"),
        (
            "[texts]\ngranted = ['" + 21 * "x" + "']\n" + DISPLAY + 'port = "/dev/ttyS0"',
            "(whole file)",
            "has 21 characters, and a display has 20 columns",
        ),
        (SECOND_READER + 'id = "out"\nside = "inside"', "doors[1].readers[out].side", '"in" or "out"'),
    ],
)
def test_a_mistake_names_its_key_and_remedy(tmp_path: Path, added: str, key: str, remedy: str) -> None:
    [fault] = faults(tmp_path, MINIMAL + added)
    assert fault.startswith(f"{key}: ")
    assert remedy in fault


@pytest.mark.parametrize(
    ("old", "new", "key", "remedy"),
    [
        ("pin = 17", "pin = 17\nactive_high = false", "doors[1].lock", "accept_boot_pulse = true"),
        (
            'port = "/dev/ttyACM0"',
            'port = "/dev/ttyACM0"\nprefix = "\\r"',
            "doors[1].readers[1].prefix",
            "not of the right form",
        ),
        (PORT, PORT + '\nformat = "aba"\nsuffix = "?"', "doors[1].readers[1]", 'format "aba"; remove it'),
        (PORT, PORT + "\ntrack_field = 2", "doors[1].readers[1]", "track_field means nothing"),
        (PORT, PORT + '\nformat = "uhf"', "doors[1].readers[1].format", '"wiegand-26"'),
        (PORT, PORT + "\nsecure = true", "doors[1].readers[1]", "secure means nothing"),
        (PORT, PORT + '\nformat = "osdp"\naddress = 127', "doors[1].readers[1].address", "at most 126"),
        (PORT, PORT + '\nformat = "osdp"', "(whole file)", "cards.max_length to 10"),
        (PORT, OSDP + SECOND_OSDP, "(whole file)", "have address = 0; give each its own"),
        (PORT, OSDP + SECOND_OSDP + "address = 1\nbaud = 115200", "(whole file)", "differ in baud"),
        (
            PORT,
            OSDP + SECOND_READER.replace("ACM1", "ACM0") + 'id = "out"',
            "(whole file)",
            "2 devices have port",
        ),
        (PORT, PORT + '\nformat = "rdm6300"', "(whole file)", "cards.min_length and cards.max_length to 10"),
        (PORT, PORT + '\nformat = "wiegand-37"', "(whole file)", "cards.max_length to 11"),
        (
            PORT,
            PORT + '\nformat = "rdm6300"\nnumber_as = "hex"\n[cards]\nmin_length = 10',
            "(whole file)",
            'cards.alphabet = "alphanumeric"',
        ),
        ('name = "The desk"', 'name = "The desk"\ntimezone = "London"', "branch.timezone", "Europe/London"),
        ('name = "The desk"', 'name = "The desk"\ntimezone = "Europe"', "branch.timezone", "Europe/London"),
        ('name = "The desk"', "", "branch.name", "it is missing"),
        ("[branch]", f'[branch]\nrun_dir = "/{"x" * 90}"', "branch.run_dir", "8 characters too long"),
        ("[[doors.readers]]", "[doors.readers]", "doors[1].readers", "write [[doors.readers]], with two"),
        ("pin = 17", "pin = ", "it is not TOML", "line 10"),
    ],
)
def test_a_mistake_within_a_table(tmp_path: Path, old: str, new: str, key: str, remedy: str) -> None:
    [fault] = faults(tmp_path, MINIMAL.replace(old, new))
    assert fault.startswith(f"{key}: ")
    assert remedy in fault


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    file = tmp_path / "branch.toml"
    file.write_bytes(MINIMAL.replace("The desk", "Caf\u00e9").encode("latin-1"))
    with pytest.raises(SettingsError, match="not UTF-8; save it"):
        load(file)


def test_several_mistakes_are_several_lines(tmp_path: Path) -> None:
    assert len(faults(tmp_path, MINIMAL + "[footage]\nretention_days = 9\nsegment_s = 1")) == 2


def test_an_active_low_relay_can_be_accepted(tmp_path: Path) -> None:
    file = tmp_path / "branch.toml"
    file.write_text(MINIMAL + "active_high = false\naccept_boot_pulse = true\n")
    assert not load(file).doors[0].lock.active_high


def test_tls_is_on_unless_the_broker_is_here(tmp_path: Path) -> None:
    file = tmp_path / "branch.toml"
    for host, tls in (("localhost", False), ("127.0.0.1", False), ("::1", False), ("broker.example", True)):
        file.write_text(MINIMAL + f"[mqtt]\nhost = '{host}'\n")
        assert load(file).mqtt.uses_tls is tls


@pytest.mark.parametrize("warning_s", [30, 45])
def test_a_warning_that_comes_no_earlier_than_the_alarm(tmp_path: Path, warning_s: int) -> None:
    text = MINIMAL.replace("[[doors]]\n", f"[[doors]]\nheld_warning_s = {warning_s}\n")
    (fault,) = faults(tmp_path, text)
    assert f"held_warning_s = {warning_s} is no warning before held_open_s = 30" in fault


def test_osdp_readers_share_a_line_and_have_keypads(tmp_path: Path) -> None:
    file = tmp_path / "branch.toml"
    shared = MINIMAL.replace(PORT, OSDP + SECOND_OSDP + "address = 1")
    file.write_text(shared + "[pin]\nrequire = 'always'\noffline = true\n")
    assert [reader.address for _, reader in load(file).readers()] == [0, 1]


def test_an_osdp_reader_without_a_secure_channel_is_hinted_at(tmp_path: Path) -> None:
    file = tmp_path / "branch.toml"
    file.write_text(MINIMAL.replace(PORT, OSDP))
    assert not [hint for hint in hints(load(file), date(2026, 11, 2)) if "secure" in hint]
    file.write_text(MINIMAL.replace(PORT, OSDP + "secure = false"))
    [hint] = [hint for hint in hints(load(file), date(2026, 11, 2)) if "secure" in hint]
    assert hint.startswith("doors[front].readers[in].secure: ")


@pytest.mark.parametrize(
    ("known", "hinted"),
    [
        ("", True),
        ('empty_at = "03:00"\n', False),
        ("[hours]\nclear_out_min = 10\n", False),
        ("empty_after_clear_out = false\n[hours]\nclear_out_min = 10\n", True),
    ],
)
def test_what_follows_people_is_hinted_at_while_nothing_makes_them_known(
    tmp_path: Path, known: str, hinted: bool
) -> None:
    file = tmp_path / "branch.toml"
    following = OUTPUT + 'keep_while_occupied = "on"\n[capacity]\nlimit = 40\n'
    file.write_text(MINIMAL + LEAVING + following + COUNTED + known)
    keys = [hint.split(": ")[0] for hint in hints(load(file), date(2026, 11, 2)) if "unknown" in hint]
    assert keys == (["outputs[lights]", "capacity.limit"] if hinted else [])


def test_an_exit_button_that_drives_the_lock_must_be_seen(tmp_path: Path) -> None:
    text = MINIMAL.replace("[[doors]]\n", "[[doors]]\nexit_drives_lock = true\n")
    (fault,) = faults(tmp_path, text)
    assert "exit_drives_lock means nothing without [doors.exit_button]" in fault
    file = tmp_path / "branch.toml"
    file.write_text(text + LEAVING)
    assert load(file).doors[0].exit_drives_lock


def test_two_osdp_readers_with_keys_of_one_name_are_refused(tmp_path: Path) -> None:
    osdp = 'format = "osdp"\nosdp_card = "text"\n'
    doors = "".join(
        f'[[doors]]\nid = "{door}"\nlock = {{ pin = {pin} }}\n'
        f'[[doors.readers]]\nid = "{reader}"\nport = "/dev/{pin}"\n{osdp}'
        for door, reader, pin in (("a", "b-c", 17), ("a-b", "c", 18))
    )
    [fault] = faults(tmp_path, MINIMAL[: MINIMAL.index("[[doors]]")] + doors)
    assert 'the same key, "a-b-c"; rename' in fault


@pytest.mark.parametrize(
    ("camera", "key"),
    [
        (f"{CAMERA}width = 640", "cameras[a].width"),
        (f"{CAMERA}motion = false\nsub_url = 'rtsp://host/y'", "cameras[a].sub_url"),
        (f"{CAMERA}sub_url = 'rtsp://host/x'", "cameras[a].sub_url"),
        ("[[cameras]]\nid = 'a'\nkind = 'pi'\nusername = 'admin'", "cameras[a].username"),
        (CAMERA + CAMERA.replace("'a'", "'b'"), "cameras[b]"),
    ],
)
def test_what_changes_nothing_of_a_camera_is_hinted_at(tmp_path: Path, camera: str, key: str) -> None:
    file = tmp_path / "branch.toml"
    file.write_text(MINIMAL + camera)
    [hint] = [hint for hint in hints(load(file), date(2026, 11, 2)) if hint.startswith("cameras")]
    assert hint.startswith(f"{key}: ")
