"""After a day of swipes no card number is anywhere in readable form: on the disk, in logs, on the wire, or
in a support bundle.

Looked for in every byte, in each form in which a number could lie there. The file of members that an operator
imports is theirs, and gone with ``--shred``.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import ZipFile

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from simulator.branch import Branch, Plan
from simulator.lms.system import Lms
from simulator.members import STRANGER
from simulator.waiting import wait_until

pytestmark = pytest.mark.system

MakeBranch = Callable[[Plan], Branch]
ROUNDS = 4
SOON = "[membership]\nlive_max_age_h = 24\nrefresh_after_h = 0\nnegative_s = 0\n"
PEOPLE = {
    "member 1": "access.granted",
    "newcomer 1": "access.granted",
    "expired": "access.refused",
    "suspended": "access.refused",
    STRANGER: "access.refused",
}


def forms(card: str) -> Iterator[tuple[str, bytes]]:
    """Each form in which a card number could be read by whoever has the bytes."""
    plain = card.encode()
    yield "ASCII", plain
    yield "UTF-16, little end first", card.encode("utf-16-le")
    yield "UTF-16, big end first", card.encode("utf-16-be")
    yield "hexadecimal", plain.hex().encode()
    # Packed decimals, two digits a byte. Half a byte on, the first and last share theirs with others.
    yield "BCD", bytes.fromhex(card)
    yield "BCD, half a byte on", bytes.fromhex(card[1:-1])
    swapped = "".join(second + first for first, second in zip(card[::2], card[1::2], strict=True))
    yield "BCD, nibbles swapped", bytes.fromhex(swapped)
    inner = card[1:-1]
    swapped = "".join(second + first for first, second in zip(inner[::2], inner[1::2], strict=True))
    yield "BCD, nibbles swapped, half a byte on", bytes.fromhex(swapped)
    for offset in range(3):
        # What depends on the neighbours is left out: the characters that hold bits of them.
        coded = base64.b64encode(bytes(offset) + plain)
        start = (0, 2, 3)[offset]
        whole = (len(plain) + offset) // 3 * 4
        yield f"base 64 at offset {offset}", coded[start:whole]
    number = int(card)
    yield "a number, big end first", number.to_bytes(6, "big")
    yield "a number, little end first", number.to_bytes(6, "little")


def readable(cards: set[str], where: dict[str, bytes]) -> list[str]:
    """Where a card number can be read, and in which form."""
    wanted = [(form, sought) for card in cards for form, sought in forms(card)]
    return [
        f"{name}: {form}"
        for name, content in where.items()
        if content.count(0) < len(content)  # the reserves are megabytes of nothing
        for form, sought in wanted
        if sought in content
    ]


def files(*folders: Path) -> dict[str, bytes]:
    """Every file, with what SQLite keeps beside its databases."""
    return {
        str(path): path.read_bytes()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def supported(branch: Branch) -> dict[str, bytes]:
    """What a support bundle of the branch holds, and what the doctor says of it."""
    file = branch.layout.folder / "support.zip"
    said = branch.unlocked("doctor", "--yes", "--bundle", str(file), check=False)
    with ZipFile(file) as packed:
        return {name: packed.read(name) for name in packed.namelist()} | {"doctor": said.encode()}


@pytest.mark.parametrize("card", ["20000000000018", "28713004999994"])
def test_the_search_finds_each_form_wherever_it_lies(card: str) -> None:
    looked_at = 0
    for form, sought in forms(card):
        assert len(sought) >= 6, form
        for offset in range(4):
            content = bytes(range(200, 200 + offset)) + sought + b"\xff more"
            assert readable({card}, {"file": content}), form
            looked_at += 1
    assert looked_at == 52
    for offset in range(3):
        coded = base64.b64encode(b"x" * offset + card.encode() + b"|y")
        assert readable({card}, {"file": coded})
    assert readable({card}, {"file": bytes.fromhex(f"a{card}b")})
    assert readable({card}, {"file": f"card={card}".encode("utf-16")})
    assert not readable({card}, {"file": card[::-1].encode()})


class Wire:
    """Everything that the broker tells, payloads and topics, retained and not."""

    def __init__(self, branch: Branch) -> None:
        assert branch.broker is not None
        self.heard: list[bytes] = []
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self._client.on_message = lambda _client, _data, message: self.heard.append(
            message.topic.encode() + b"\n" + message.payload
        )
        self._client.connect(branch.broker.host, branch.broker.port)
        self._client.loop_start()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def test_after_a_day_of_swipes_no_card_number_can_be_read(make_branch: MakeBranch) -> None:
    lms = Lms(over="sip2", dialect="evergreen", tls=True, settings="timeout_s = 1.0")
    branch = make_branch(Plan(broker="mosquitto", receiver=True, lms=lms, rules=SOON))
    config = branch.layout.config
    config.write_text(config.read_text().replace("repeat_s = 0.5", "repeat_s = 0"))
    members = branch.layout.folder / "members.csv"
    cards = {branch.reader.card(who) for who in PEOPLE}
    assert len(cards) == len(PEOPLE)
    assert readable(cards, {"members.csv": members.read_bytes()})
    branch.unlocked("members", "import", "--shrink", "--shred", str(members))
    wire = Wire(branch)
    try:
        branch.start()
        for _ in range(ROUNDS):
            for who, answer in PEOPLE.items():
                after = branch.last_seq("door")
                branch.swipe(who)
                branch.wait_for(answer, after=after)
        card = f"{branch.reader.card('member 1')}\n"
        branch.unlocked("explain", input=card)
        branch.unlocked("members", "find", input=card)
        branch.unlocked("members", "block", "--until", "2999-01-01", input=card)
        last = branch.last_seq("door")
        assert branch.receiver is not None
        receiver, journal = branch.receiver, branch.journal_ids()["door"]
        wait_until(lambda: receiver.complete(journal) >= last, 30, "everything at the receiver")
        bundle = supported(branch)
        running = files(branch.layout.folder, branch.layout.run)
    finally:
        branch.stop()
        wire.close()
    stopped = files(branch.layout.folder, branch.layout.run)
    for name in ("door/journal.db", "membership/members.db", "console/journal.db", "services.log"):
        assert any(path.endswith(name) for path in stopped), name
    assert len(wire.heard) > ROUNDS * len(PEOPLE)
    traffic = {f"message {number}": message for number, message in enumerate(wire.heard)}
    assert (
        readable(cards, running | stopped | traffic | bundle | {"log": "\n".join(branch.log).encode()}) == []
    )
