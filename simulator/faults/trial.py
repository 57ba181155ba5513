"""Plays one row of the matrix at a branch, and says what was not as it is written there.

Here: what is looked at while a fault lasts: the lock, the display, the footage. Never here: what should be
so (the rows say it), or printing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from itertools import cycle
from pathlib import Path

from controller.core.outcome import TEXTS
from controller.doctor.context import Context
from controller.doctor.examination import examine
from controller.doctor.finding import State
from controller.doctor.parts import PARTS
from controller.settings.paths import JOURNALS
from drivers.system_clock import SystemClock
from simulator.branch import Branch
from simulator.faults import row as words
from simulator.faults.row import Row
from simulator.play import play
from simulator.scenario import Action, Scenario, Step, Totals
from simulator.services import BranchError
from simulator.waiting import wait_until

LIMIT_S = 30.0
SECURED_S = 1.0
"""After this long without a process that drives it, the lock is secured by somebody else."""
NOTHING = Totals(0, 0, {}, 0)

Doctor = Callable[[str], list[str]]
"""What `unlocked doctor` finds amiss of a part: its lines."""


def examined(config: Path, part: str) -> list[str]:
    """The lines of `unlocked doctor` about a part, as of now, but for those of what is well."""
    looked_at = [one for one in PARTS if one.name == part]
    with closing(Context(config, SystemClock().read())) as context:
        return [one.what for one in examine(context, looked_at) if one.state is not State.OK]


class Trial:
    """At one branch that runs, row after row. doctor: None where it is not asked."""

    def __init__(self, branch: Branch, doctor: Doctor | None) -> None:
        self.branch = branch
        self._doctor = doctor
        self._members = cycle(("member 1", "member 2", "member 3"))
        branch.front.bolt_works()

    def play(self, row: Row) -> list[str]:
        """What is not as the row says, a line each."""
        branch, wrong = self.branch, []
        branch.display.forget()
        before = {service: branch.last_seq(service) for service in JOURNALS}
        wrong += self._steps(row.do)
        for look in (self._card, self._signs, self._footage):
            try:
                look(row)
            except (BranchError, TimeoutError) as error:
                wrong.append(str(error))
        if not row.doctor.after:
            wrong += self._doctored(row)
        # What hangs may have been killed and started again by now.
        hung = any(step.action is Action.HANG for step in row.do)
        wrong += self._steps(row.mend, before if hung else None)
        try:
            self.branch.services.until_ready()  # what lay in the line before opens nothing
            self._lets_in()
            self._footage_goes_on()
        except (BranchError, TimeoutError) as error:
            wrong.append(f"mended: {error}")
        if row.doctor.after:
            wrong += self._doctored(row)
        return [f"{row.fault}: {one}" for one in wrong]

    def _steps(self, steps: tuple[Step, ...], since: Mapping[str, int] | None = None) -> list[str]:
        return play(self.branch, Scenario("", steps, NOTHING), since=since)

    # --- what is looked at ------------------------------------------------------------------------

    def _card(self, row: Row) -> None:
        match row.door:
            case words.LETS_IN:
                self._lets_in()
            case words.REFUSES:
                self._refuses(row)
            case words.READS_NOTHING | words.IS_AWAY:
                self.branch.panel.wait(self.branch.front.lock, False, SECURED_S)

    def _lets_in(self) -> None:
        """A member: journalled, released, secured again."""
        branch = self.branch
        branch.panel.wait(branch.front.lock, False, LIMIT_S)
        after = branch.last_seq("door")
        pulses = len(branch.panel.pulses(branch.front.lock))
        branch.swipe(next(self._members))
        branch.wait_for("access.granted", after=after, limit_s=LIMIT_S)
        wait_until(lambda: len(branch.panel.pulses(branch.front.lock)) > pulses, LIMIT_S, "a release")
        branch.panel.wait(branch.front.lock, False, LIMIT_S)

    def _refuses(self, row: Row) -> None:
        branch = self.branch
        after = branch.last_seq("door")
        pulses = len(branch.panel.pulses(branch.front.lock))
        branch.swipe(next(self._members))
        if row.reason == words.UNWRITTEN:
            self._signs(row)  # nothing else tells of it for now
        else:
            branch.wait_for("access.refused", after=after, reason=row.reason, limit_s=LIMIT_S)
        if len(branch.panel.pulses(branch.front.lock)) > pulses:
            raise BranchError("the lock was released although nobody was let in")

    def _signs(self, row: Row) -> None:
        if row.shows is not None:
            self.branch.display.wait_for(*TEXTS[row.shows], limit_s=LIMIT_S)

    def _footage(self, row: Row) -> None:
        if row.footage == words.GOES_ON:
            self._footage_goes_on()

    def _footage_goes_on(self) -> None:
        before = self._footage_bytes()
        wait_until(lambda: self._footage_bytes() > before, LIMIT_S, "more footage")

    def _footage_bytes(self) -> int:
        total = 0
        for path in self.branch.paths.footage_dir.rglob("*"):
            try:
                total += path.stat().st_size if path.is_file() else 0
            except FileNotFoundError:  # renamed meanwhile
                continue
        return total

    def _doctored(self, row: Row) -> list[str]:
        if self._doctor is None:
            return []
        found = self._doctor(row.doctor.part)
        if any(row.doctor.says in line for line in found):
            return []
        return [f"the doctor does not say {row.doctor.says!r} of {row.doctor.part}, but {found}"]
