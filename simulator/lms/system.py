"""The library management system of a simulated branch: whom it knows, and how branch.toml says where it is.

Never here: how it answers (``sip2_server``, ``koha_server``), or the rest of branch.toml.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, assert_never

from controller.secrets import credentials
from simulator.lms.certificate import make
from simulator.lms.koha_server import CLIENT_ID, CLIENT_SECRET, KohaServer
from simulator.lms.patrons import Patron, patron_of
from simulator.lms.sip2_server import Setup, Sip2Server
from simulator.members import Member

ENTITLED = "ZU"
"""The field or attribute that says Y of whoever is entitled to unstaffed hours, the induction done."""
USERNAME, PASSWORD = "unlocked-door", "not-a-secret"

System = Sip2Server | KohaServer
Word = Literal["up", "slow", "silent", "garbled", "flapping", "down"]
WORDS: tuple[Word, ...] = ("up", "slow", "silent", "garbled", "flapping", "down")
"""How it can be. slow: it answers when nobody waits any more. garbled: its answers cannot be read.
flapping: it comes and goes."""
SLOW_S = 3.0
FLAP_S = 1.0


@dataclass(frozen=True, slots=True)
class Lms:
    """over: how it is asked. dialect: one of ``recorded.DIALECTS``, over SIP2. tls: with its own certificate.

    settings: further keys of ``[lms]`` as text.
    """

    over: Literal["sip2", "koha"] = "sip2"
    dialect: str = "koha"
    tls: bool = False
    settings: str = ""


def system_of(lms: Lms, members: Iterable[Member], today: date, folder: Path) -> System:
    """It knows these members, and is not started. folder: for the certificate."""
    certificate = make(folder) if lms.tls else None
    patrons = patrons_of(members, today)
    if lms.over == "koha":
        return KohaServer(patrons, certificate)
    return Sip2Server(patrons, Setup(lms.dialect, USERNAME, PASSWORD), certificate)


def patrons_of(members: Iterable[Member], today: date) -> Iterator[Patron]:
    """The patrons whose memberships these are, each with the mark of whether they are entitled."""
    for member in members:
        yield patron_of(member, {ENTITLED: "Y" if _entitled(member, today) else "N"})


def be(system: System, word: Word) -> None:
    """Be so from now on, and nothing else."""
    match word:
        case "down":
            system.stop()
            return
        case "flapping":
            system.behave()
            system.flap(FLAP_S, FLAP_S)
            return
        case "up":
            system.behave()
        case "slow":
            system.behave(delay_s=SLOW_S)
        case "silent":
            system.behave(silent=True)
        case "garbled":
            system.behave(garbage=b"\x00<html>")
        case _:
            assert_never(word)
    system.start()


def lms_toml(lms: Lms, system: System, folder: Path) -> str:
    """Its tables of branch.toml. folder: as for ``system_of``."""
    ca_file = f'ca_file = "{folder / "ca.pem"}"\n' if lms.tls else ""
    if isinstance(system, KohaServer):
        where = f'[lms.koha]\nurl = "{system.url}"\nclient_id = "{CLIENT_ID}"\n{ca_file}'
    else:
        where = f"""\
[lms.sip2]
dialect = "{lms.dialect}"
host = "{system.host}"
port = {system.port}
tls = {str(lms.tls).lower()}
username = "{USERNAME}"
{ca_file}"""
    return f"""
[lms]
{lms.settings}

{where}
[lms.entitlement]
by = "field"
field = "{ENTITLED}"
"""


def write_secrets(system: System, folder: Path) -> None:
    """Into the secrets folder, what the branch needs to ask it."""
    over_rest = isinstance(system, KohaServer)
    name = credentials.LMS_CLIENT_SECRET if over_rest else credentials.LMS_PASSWORD
    (folder / name).touch(mode=0o600)
    (folder / name).write_text(CLIENT_SECRET if over_rest else PASSWORD, encoding="utf-8")


def _entitled(member: Member, today: date) -> bool:
    membership = member.membership
    begun = membership.granted_from is not None and membership.granted_from <= today
    ended = membership.granted_until is not None and membership.granted_until < today
    return membership.inducted_on is not None and begun and not ended
