"""Files named, and signed, as in a feed, imported by hand."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from controller.core.card import CardNumber
from controller.secrets import credentials, site_key
from controller.settings.model import Settings
from controller.settings.paths import Paths
from controller.store.members import Members

Unlocked = Callable[..., Result]
HEADER = "card_number,status,induction,granted_from,expires\n"
SIX, SEVEN, EIGHT = "20251122T060000Z", "20251122T070000Z", "20251122T080000Z"


@pytest.fixture(autouse=True)
def keys(unlocked: Unlocked) -> None:
    assert unlocked("init", "--throw-away").exit_code == 0


def card(n: int) -> str:
    return f"{n:014d}"


def full(folder: Path, as_of: str, count: int) -> Path:
    file = folder / f"members-full-{as_of}.csv"
    rows = (f"{card(n)},active,2025-01-12,2025-01-12,2099-12-31\n" for n in range(count))
    file.write_text(HEADER + "".join(rows))
    return file


def delta(folder: Path, since: str, to: str, *changes: dict[str, str]) -> Path:
    file = folder / f"members-delta-{since}-{to}.jsonl"
    file.write_text("".join(json.dumps(change) + "\n" for change in changes))
    return file


def remove(n: int) -> dict[str, str]:
    return {"change": "remove", "card_number": card(n)}


def put(n: int) -> dict[str, str]:
    days = {"induction": "2025-01-12", "granted_from": "2025-01-12", "expires": "2099-12-31"}
    return {"change": "put", "card_number": card(n), "status": "active", **days}


def known(settings: Settings) -> list[int]:
    key = credentials.read("site-key", Paths.of(settings).secrets)
    members = Members(Paths.of(settings).members)
    try:
        return [
            n for n in range(100) if members.find(site_key.member_ref(key, CardNumber(card(n)))).membership
        ]
    finally:
        members.close()


def test_changes_follow_a_full_file(unlocked: Unlocked, settings: Settings, tmp_path: Path) -> None:
    assert "as of 2025-11-22 06:00:00" in unlocked("members", "import", full(tmp_path, SIX, 5)).stdout
    changes = delta(tmp_path, SIX, SEVEN, put(7), remove(1), remove(99))
    result = unlocked("members", "import", changes)
    assert result.stdout.splitlines() == [
        "1 memberships put, 2 removed",
        "5 memberships, as of 2025-11-22 07:00:00",
    ]
    assert known(settings) == [0, 2, 3, 4, 7]


def test_json_says_what_was_done(unlocked: Unlocked, tmp_path: Path) -> None:
    file = tmp_path / "members.jsonl"
    record = {"surname": "Nobody", "age": 4, **put(1)}
    del record["change"]
    file.write_text(json.dumps(record))
    told = json.loads(unlocked("members", "import", file, "--json").stdout)
    assert told["dropped"] == {"surname": 1, "age": 1}
    assert {name: told[name] for name in ("members", "kind", "put", "removed", "dropped_values")} == {
        "members": 1,
        "kind": "full",
        "put": 1,
        "removed": 0,
        "dropped_values": 2,
    }


def test_what_is_out_of_order_is_refused_with_what_to_do(
    unlocked: Unlocked, settings: Settings, tmp_path: Path
) -> None:
    refused = unlocked("members", "import", delta(tmp_path, SIX, SEVEN, remove(1)))
    assert "no memberships that it could change; export all memberships" in refused.stderr
    unlocked("members", "import", full(tmp_path, SIX, 5))
    for file, fault in (
        (delta(tmp_path, SEVEN, EIGHT, remove(1)), "the changes before it never came; import them first"),
        (delta(tmp_path, "20251122T050000Z", SIX, remove(1)), "are as new"),
        (full(tmp_path, "20251122T050000Z", 5), "are newer"),
        (full(tmp_path, "21251122T060000Z", 5), "from the future"),
        (full(tmp_path, "20251399T060000Z", 5), "the name must end in"),
    ):
        refused = unlocked("members", "import", file)
        assert refused.exit_code == 1
        assert fault in refused.stderr
        assert "nothing was imported" in refused.stderr
    assert known(settings) == [0, 1, 2, 3, 4]
    assert (
        "--as-of" in unlocked("members", "import", full(tmp_path, SEVEN, 5), "--as-of", "2025-11-22").stderr
    )


def test_half_of_all_members_do_not_leave_by_accident(
    unlocked: Unlocked, settings: Settings, tmp_path: Path
) -> None:
    unlocked("members", "import", full(tmp_path, SIX, 9))
    refused = unlocked("members", "import", full(tmp_path, SEVEN, 4))
    assert (
        "it would leave 4 memberships of 9; if that is right, `unlocked members import FILE" in refused.stderr
    )
    changes = delta(tmp_path, SIX, SEVEN, *map(remove, range(5)))
    assert "it would leave 4" in unlocked("members", "import", changes).stderr
    assert len(known(settings)) == 9
    assert unlocked("members", "import", full(tmp_path, SEVEN, 4), "--shrink").exit_code == 0
    assert unlocked("members", "import", full(tmp_path, EIGHT, 2)).exit_code == 0


def test_where_a_key_is_set_only_signed_files_count(
    unlocked: Unlocked, config: Path, settings: Settings, tmp_path: Path
) -> None:
    def minisign(*arguments: object) -> None:
        command = ["minisign", *map(str, arguments)]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, stdin=subprocess.DEVNULL)

    minisign("-G", "-W", "-p", "feed.pub", "-s", "feed.key")
    public_key = (tmp_path / "feed.pub").read_text().splitlines()[1]
    with config.open("a") as file:
        file.write(f'\n[feed]\nfolder = "{tmp_path}"\npublic_key = "{public_key}"\n')
    members = full(tmp_path, SIX, 3)
    plain = members.rename(tmp_path / "plain.csv")
    for unsigned in (full(tmp_path, SIX, 3), plain):
        assert "it is not signed" in unlocked("members", "import", unsigned).stderr
    minisign("-S", "-s", "feed.key", "-m", members.name, plain.name)
    renamed = full(tmp_path, SEVEN, 3)
    (tmp_path / f"{renamed.name}.minisig").write_bytes((tmp_path / f"{members.name}.minisig").read_bytes())
    assert "under another name" in unlocked("members", "import", renamed).stderr
    minisign("-S", "-s", "feed.key", "-m", renamed.name, "-t", "nightly")
    assert "does not say the file's name" in unlocked("members", "import", renamed).stderr
    renamed.write_text(renamed.read_text() + "\n")
    assert "not the one signed" in unlocked("members", "import", renamed).stderr
    assert known(settings) == []
    assert unlocked("members", "import", members).exit_code == 0
    assert unlocked("members", "import", plain).exit_code == 0
    assert known(settings) == [0, 1, 2]
