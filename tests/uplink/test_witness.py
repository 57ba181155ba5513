"""A witness with nothing of ours: mosquitto_sub writes down the heads, which show later what was cut off."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from controller.commands.main import main
from controller.secrets.journal_key import JournalKey
from controller.store.journal import Journal
from controller.store.signed_heads import Signing
from simulator.broker import Broker
from simulator.waiting import wait_until

pytestmark = pytest.mark.system

LIMIT_S = 20


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with Broker(tmp_path / "broker") as running:
        yield running


def test_a_witness_shows_an_end_that_was_cut_off(
    broker: Broker, uplink: Callable[..., Any], tmp_path: Path
) -> None:
    branch, key = uplink(broker), JournalKey.generate("org", "branch", "door")
    journal = branch.paths.journal("door")
    signed = Journal.open(journal, service="door", stamp=branch.stamp(), signing=Signing(key, branch.stamp))
    branch.happen(3)
    signed.sign_head(at_once=True)
    heads, keys = tmp_path / "heads", tmp_path / "keys"
    keys.write_text(key.public.text)
    options = ("-h", broker.host, "-p", str(broker.port), "-V", "5" if broker.protocol == "5" else "311")
    with heads.open("wb") as file:
        witness = subprocess.Popen(
            ["mosquitto_sub", *options, "-q", "1", "-t", "lu/v1/+/+/journals/+/head", "-C", "2"], stdout=file
        )
        branch.start()
        wait_until(lambda: heads.stat().st_size > 0, LIMIT_S)
        branch.happen(2)
        signed.sign_head(at_once=True)
        assert witness.wait(LIMIT_S) == 0
    branch.stop()
    signed.close()
    branch.door.close()

    command = [
        "journal",
        "verify",
        *("--journal", str(journal), "--heads", str(heads), "--keys", str(keys)),
    ]
    proved = CliRunner().invoke(main, command)
    assert proved.exit_code == 0, proved.output
    assert "as the head says that was kept elsewhere, up to 5" in proved.output
    connection = sqlite3.connect(journal)
    connection.execute("DROP TRIGGER chain_is_never_deleted")
    for table in ("event", "signed_head", "chain"):
        connection.execute(f"DELETE FROM {table} WHERE seq > 4")
    connection.commit()
    connection.close()
    cut = CliRunner().invoke(main, command)
    assert cut.exit_code == 1
    assert "ROLLBACK at 5" in cut.output
