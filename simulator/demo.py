"""``python -m simulator demo`` and ``run``: an evening at a simulated branch, shown as it happens.

Here: what is shown, and the exit code: 0 when all was as the scenario expects, else 1 with the difference.
Leaves no process and, unless asked to keep them, no files.
"""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from controller.core.hold import DAY_US
from controller.recorder.permission import draft_banner, profile_of
from controller.settings.load import load
from controller.settings.policy.profile import Profile
from simulator.branch import Branch, Listeners, Plan
from simulator.door import STRANGER
from simulator.footage import plant
from simulator.members import masked
from simulator.play import do, play
from simulator.report import Report, count, differences, settle
from simulator.scenario import Action, Planted, Scenario, ScenarioError, Step, parse_action
from simulator.services import LAST_WORDS, BranchError
from simulator.settings import CAMERA
from simulator.show import Show
from simulator.staff import PASSPHRASE, add_account

STAFF = "demo"
"""The account of the staff pages."""
INTERRUPTED = 130
"""The exit code of a command that a signal ended."""
SCENARIOS = Path(__file__).parent / "scenarios"


def demo(scenario: Scenario, plan: Plan, keep: Path | None) -> int:
    """Play the scenario; returns the exit code."""
    with Show() as show, _ended_by_signals(), _folder(keep, show) as folder:
        show.plain(scenario.name, "bold")
        show.plain("Seconds since the start, and what happened; an event, once the broker's receiver has it.")
        try:
            with _branch(folder, plan, show) as branch:
                _say_if_the_policy_is_a_draft(branch, show)
                return _evening(branch, scenario, show)
        except BranchError as error:
            show.plain(f"The branch could not be run: {error}", "bold red")
            return 1
        except KeyboardInterrupt:
            show.plain("Stopped before the end.", "bold red")
            return INTERRUPTED


def _say_if_the_policy_is_a_draft(branch: Branch, show: Show) -> None:
    profile = profile_of(load(branch.layout.config))
    if branch.camera is not None and isinstance(profile, Profile) and not profile.live:
        show.plain(draft_banner(profile), "bold yellow")


def _evening(branch: Branch, scenario: Scenario, show: Show) -> int:
    planted = _plant(branch, scenario, show)
    show.line("start", f"services start; broker: {branch.broker.kind if branch.broker else 'none'}")
    branch.start()
    show.line("start", "all services are ready")
    found = play(branch, scenario, lambda step: show.line(*_told(branch, step)))
    settle(branch, scenario.totals.clips if branch.camera else 0)
    report = count(branch, planted)
    branch.stop()
    verified = _verified(branch)
    found += differences(report, scenario, branch.plan.pulse_s, camera=branch.camera is not None)
    if not verified:
        found.append("journals: they do not verify")
    show.plain()
    for name, value in _summary(report, verified):
        show.plain(f"{name:<20} {value}")
    show.plain()
    if not found:
        show.plain("Everything was as the scenario expects.", "bold green")
        return 0
    show.plain("Not as the scenario expects:", "bold red")
    for difference in found:
        show.plain(f"  {difference}", "red")
    show.plain("What the services said last:")
    for line in branch.log[-LAST_WORDS:]:
        show.plain(f"  {line}", "dim")
    return 1


def run(plan: Plan, keep: Path | None) -> int:
    """The same branch until Ctrl-C; what is typed happens there."""
    with Show() as show, _ended_by_signals(), _folder(keep, show) as folder:
        try:
            with _branch(folder, plan, show) as branch:
                _say_if_the_policy_is_a_draft(branch, show)
                branch.start()
                show.plain(f"The branch runs; its settings are in {branch.layout.config}")
                _let_staff_in(branch, show)
                show.plain("Type what shall happen, such as: swipe member 1, swipe expired, door open,")
                show.plain("door closed, push exit, walk past, unplug reader, lms down, command lockdown.")
                show.plain("Ctrl-C ends it.")
                for line in sys.stdin:
                    _typed(branch, line, show)
                signal.pause()  # nobody types: until a signal ends it
        except BranchError as error:
            show.plain(f"The branch could not be run: {error}", "bold red")
            return 1
        except KeyboardInterrupt:
            pass
        show.plain("The branch has been stopped.")
        return 0


def _let_staff_in(branch: Branch, show: Show) -> None:
    if branch.plan.pages:
        password = add_account(branch.unlocked, STAFF)
        show.plain(f"The staff pages are at {branch.pages}")
        show.plain(f'Log in there as "{STAFF}" with the password {password}, and choose another one.')
        if branch.layout.authority_key.exists():
            show.plain(f"Members are named with {branch.layout.authority_key}, passphrase: {PASSPHRASE}")


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM ends us as Ctrl-C does, so that nothing is left behind."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _typed(branch: Branch, line: str, show: Show) -> None:
    if not line.strip():
        return
    try:
        step = parse_action(line)
        _known(branch, step)
        show.line(*_told(branch, step))
        do(branch, step, branch.front, branch.reader)
    except (ScenarioError, BranchError) as error:
        show.line("fault", str(error))


def _known(branch: Branch, step: Step) -> None:
    people = (*branch.members, *branch.reader.newcomers)
    if step.action is Action.SWIPE and step.what not in (*people, STRANGER):
        raise ScenarioError(f"nobody is called {step.what!r}: {', '.join(people)} or stranger")


@contextmanager
def _folder(keep: Path | None, show: Show) -> Iterator[Path]:
    if keep is not None:
        if keep.exists() and any(keep.iterdir()):
            raise SystemExit(f"{keep} is not empty; name another folder, or remove it")
        yield keep
        show.plain(f"Kept in {keep}; look with: unlocked log -c {keep / 'branch.toml'}")
        return
    folder = Path(tempfile.mkdtemp(prefix="unlocked-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _branch(folder: Path, plan: Plan, show: Show) -> Branch:
    return Branch(folder, plan, Listeners(pin=show.edge, delivered=show.delivered, text=show.display))


def _plant(branch: Branch, scenario: Scenario, show: Show) -> Mapping[Planted, Path]:
    """Footage that is there before the start, and the holds on it."""
    if branch.camera is None:
        return {}
    now_us = time.time_ns() // 1000
    planted = {}
    for piece in scenario.footage:
        planted[piece] = plant(branch.layout.footage, CAMERA, timedelta(days=piece.days), now_us)
        held = "; a legal hold is placed on it" if piece.becomes == "held" else ""
        show.line("plant", f"footage {piece.days} days old{held}")
        if piece.becomes == "held":
            branch.hold(now_us - piece.days * DAY_US)
    return planted


def _told(branch: Branch, step: Step) -> tuple[str, str]:
    """A step as a line: its kind and its words."""
    match step.action:
        case Action.SWIPE:
            who = "a stranger's card" if step.what == STRANGER else step.what
            return "card", f"{who} ({masked(branch.reader.card(step.what))}) is swiped"
        case Action.PRESENT:
            return "card", f"{step.what} holds the card before the reader"
        case Action.SEND | Action.MISREAD:
            return "card", "a card is misread"
        case Action.PUSH:
            return "door", "the exit button is pressed"
        case Action.DOOR:
            return "door", f"the door is {'opened' if step.what == 'open' else 'closed'}"
        case Action.UNPLUG:
            return "plug", f"the {step.what} is unplugged"
        case Action.PLUG:
            return "plug", f"the {step.what} is plugged in again"
        case Action.WALK:
            return "door", "somebody walks past"
        case Action.WIRE:
            return "wire", f"{step.what.replace('_', ' ')}"
        case Action.BOLT:
            return "wire", f"the bolt's sensor says: {step.what}"
        case Action.FIRE:
            return "door", f"the fire panel {'reports fire' if step.what == 'on' else 'is reset'}"
        case Action.CAMERA:
            return "plug" if step.what == "well" else "fault", f"the camera is {step.what}"
        case Action.LMS:
            return "fault" if step.what != "up" else "plug", f"the library management system is {step.what}"
        case Action.KILL:
            return "fault", f"the {step.what} service is killed"
        case Action.HANG:
            return "fault", f"the {step.what} service hangs"
        case Action.DISK | Action.CLOCK:
            return "fault", f"the {step.action} is {step.what}"
        case Action.DAMAGE:
            return "fault", f"a database is damaged: {step.what}"
        case Action.POWER:
            return "fault" if step.what != "back" else "plug", f"the power: {step.what}"
        case Action.MEMBERS:
            return "staff", "the memberships are imported"
        case Action.COMMAND:
            return "staff", f"unlocked door {step.what}"


def _verified(branch: Branch) -> bool:
    try:
        branch.unlocked("journal", "verify")
    except BranchError:
        return False
    return True


def _summary(report: Report, verified: bool) -> Iterator[tuple[str, str]]:
    refused = ", ".join(f"{reason} {number}" for reason, number in sorted(report.refusals.items()))
    yield "Swipes", str(report.swipes)
    yield "Grants", str(report.grants)
    yield "Refusals", f"{sum(report.refusals.values())}: {refused}"
    yield "Lock pulses", _lengths(report.pulses_s)
    yield "Clips", _lengths(report.clips_s)
    became = ", ".join(f"{report.footage.get(word, 0)} {word}" for word in ("destroyed", "kept", "held"))
    yield "Planted footage", became
    journalled = sum(report.journalled.values())
    services = ", ".join(f"{service} {number}" for service, number in report.journalled.items())
    if report.delivered is None:
        yield "Events journalled", f"{journalled} ({services})"
    else:
        delivered = sum(report.delivered.values())
        relation = "=" if report.delivered == report.journalled else "≠"
        yield "Events", f"{journalled} journalled {relation} {delivered} delivered ({services})"
        yield "Delivered again", f"{report.duplicates}, known by their id"
    yield "Journals", "verified" if verified else "NOT verified"


def _lengths(seconds: tuple[float, ...]) -> str:
    """How many, and how many of each length."""
    rounded = Counter(f"{length:.1f} s" for length in seconds)
    each = ", ".join(length if count == 1 else f"{count} x {length}" for length, count in rounded.items())
    return f"{len(seconds)}: {each}" if seconds else "0"
