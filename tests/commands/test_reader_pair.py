"""``unlocked reader pair`` with a simulated OSDP reader."""

from __future__ import annotations

import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

from controller.settings.load import load
from controller.settings.paths import Paths
from controller.store.journal_reader import JournalReader
from drivers import osdp_pairing
from drivers.osdp_line import OsdpLine
from drivers.osdp_reader import OsdpReader as Opened
from simulator.osdp_cable import OsdpCable
from simulator.osdp_reader import OsdpReader

Unlocked = Callable[..., Result]
pytestmark = pytest.mark.prompt

BAUD = 57_600
PAIR = ("reader", "pair", "--door", "front", "--reader", "in")


@pytest.fixture
def osdp(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The front door's reader is an OSDP reader; the path of its line."""
    monkeypatch.setattr(osdp_pairing.pair, "__defaults__", (3.0,))
    port = tmp_path / "port"
    text = config.read_text().replace("/dev/serial/by-id/usb-example-card-reader", str(port))
    set_to = f'format = "osdp"\nosdp_card = "text"\nbaud = {BAUD}'
    config.write_text(text.replace('#format = "line"', set_to))
    return port


def key_file(config: Path) -> Path:
    return load(config).branch.secrets_dir / "reader-front-in-key"


def paired(config: Path) -> list[tuple[str, object]]:
    with closing(JournalReader(Paths.of(load(config)).journal("console"))) as journal:
        return [(e.subject, e.data["reader"]) for e in journal.read(0) if e.type == "reader.paired"]


def test_a_reader_in_install_mode_gets_a_new_key(unlocked: Unlocked, config: Path, osdp: Path) -> None:
    reader = OsdpReader()
    with OsdpCable(osdp, [reader], BAUD) as cable:
        result = unlocked(*PAIR)
        heard = cable.listened
    assert result.exit_code == 0, result.output
    file = key_file(config)
    assert reader.key == bytes.fromhex(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == [file.name]
    assert reader.key is not None
    assert reader.key not in heard
    assert reader.key.hex() not in result.output
    assert paired(config) == [("front", "in")]


def test_a_key_that_is_there_is_given_again_and_stays(unlocked: Unlocked, config: Path, osdp: Path) -> None:
    file = key_file(config)
    file.parent.mkdir()
    file.write_text("ab" * 16)
    for key in (None, b"\xab" * 16):
        reader = OsdpReader(key=key)
        with OsdpCable(osdp, [reader], BAUD):
            assert unlocked(*PAIR).exit_code == 0
        assert reader.key == b"\xab" * 16
    assert file.read_text() == "ab" * 16


def test_a_reader_with_another_key_is_told_and_nothing_is_journalled(
    unlocked: Unlocked, config: Path, osdp: Path
) -> None:
    with OsdpCable(osdp, [OsdpReader(key=bytes(16))], BAUD):
        result = unlocked(*PAIR)
    assert result.exit_code == 1
    assert "not with the key that we have" in result.output
    assert "install mode" in result.output
    assert paired(config) == []


def test_a_port_in_use_names_the_remedy(unlocked: Unlocked, osdp: Path) -> None:
    reader = OsdpReader(key=bytes(16))
    with OsdpCable(osdp, [reader], BAUD):
        door = OsdpLine(str(osdp), BAUD, {0: bytes(16)})
        try:
            Opened(door, 0).close()
            result = unlocked(*PAIR)
        finally:
            door.close()
    assert result.exit_code == 1
    assert "systemctl stop unlocked-door" in result.output


def test_another_reader_is_not_paired(unlocked: Unlocked, config: Path) -> None:
    result = unlocked(*PAIR)
    assert result.exit_code == 1
    assert "is no OSDP reader" in result.output
    assert not key_file(config).exists()


def test_nor_is_it_watched(unlocked: Unlocked, osdp: Path) -> None:
    assert not osdp.exists()
    result = unlocked("reader", "watch")
    assert result.exit_code == 1
    assert "unless it is asked" in result.output


def test_init_makes_keys_for_demos_and_else_tells_of_pairing(
    unlocked: Unlocked, config: Path, osdp: Path, tmp_path: Path
) -> None:
    assert not osdp.exists()
    words = tmp_path / "passphrase"
    words.write_text("correct horse battery staple\n")
    told = unlocked("init", "--passphrase-file", words, "--private-key-to", tmp_path / "key.pem")
    assert f"{key_file(config)}, which `unlocked reader pair` makes" in told.output
    for each in key_file(config).parent.iterdir():
        each.unlink()
    assert unlocked("init", "--throw-away").exit_code == 0
    assert len(bytes.fromhex(key_file(config).read_text())) == 16
