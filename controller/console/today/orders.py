"""What staff may have a door do from here: lockdown and its end, and, where it is set, unlocking once.

Each is confirmed on a page of its own. The door journals the command with the account that gave it, and
whether it was done; nothing is journalled here besides.
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from controller.console.web.access import may
from controller.console.web.branch import account_of, branch_of
from controller.console.web.page import page
from controller.ipc.door_commands import Command, Why
from controller.ipc.messages import Request, Scalar
from controller.settings.staff import Role
from controller.staff.doors import NOT_JOURNALLED, ask_the_door, in_which_modes, is_journalled
from controller.staff.refusal import Refused

MAY_COMMAND = (Role.DESK, Role.SUPERVISOR)
SAID = "today_said"
"""In the session: what was done, for the page that comes next."""
WHYS: tuple[tuple[str, str], ...] = (
    (Why.VISITOR.value, "A visitor"),
    (Why.DELIVERY.value, "A delivery"),
    (Why.CONTRACTOR.value, "A contractor"),
    (Why.EMERGENCY.value, "An emergency"),
    (Why.TEST.value, "A test"),
    (Why.OTHER.value, "Something else"),
)
"""What the door takes as a reason: a list, since free text sooner or later names somebody."""
ALL_DOORS = "all"


@may(*MAY_COMMAND)
def lockdown(request: HttpRequest) -> HttpResponseBase:
    return _confirmed(request, Command.LOCKDOWN, "today/lockdown.html")


@may(*MAY_COMMAND)
def end_lockdown(request: HttpRequest) -> HttpResponseBase:
    return _confirmed(request, Command.END_LOCKDOWN, "today/end_lockdown.html")


@may(*MAY_COMMAND)
def unlock(request: HttpRequest) -> HttpResponseBase:
    """Raises Http404 where it is not set."""
    if not branch_of(request).settings.console.remote_unlock:
        raise Http404
    return _confirmed(request, Command.UNLOCK, "today/unlock.html")


def _confirmed(request: HttpRequest, command: Command, template: str) -> HttpResponseBase:
    """The form; once it was sent, the command, and back to today."""
    doors = [door.id for door in branch_of(request).settings.doors]
    unlocking = command is Command.UNLOCK
    choices = [(door, f"Door {door}") for door in doors]
    if not unlocking and len(doors) > 1:
        choices = [(ALL_DOORS, "All doors"), *choices]
    given = {"door": "" if unlocking else ALL_DOORS, "why": ""}
    given |= {name: request.POST[name] for name in given if name in request.POST}
    if len(choices) == 1:
        given["door"] = doors[0]
    form = {"choices": choices, "whys": WHYS if unlocking else (), **given}
    if request.method != "POST":
        return page(request, template, form)
    wrong = {}
    if given["door"] not in dict(choices):
        wrong["door"] = "Choose a door"
    if unlocking and given["why"] not in dict(WHYS):
        wrong["why"] = "Choose why the door is unlocked"
    if wrong:
        return page(request, template, {**form, "wrong": wrong}, status=400)
    arguments: dict[str, Scalar] = {} if given["door"] == ALL_DOORS else {"door": given["door"]}
    if unlocking:
        arguments["why"] = given["why"]
    order = Request(command.value, arguments, account_of(request).user)
    try:
        reply = ask_the_door(branch_of(request).settings, order)
    except Refused as error:
        return page(request, template, {**form, "refused": f"{error}."}, status=503)
    modes = in_which_modes(reply)
    said = f"{modes[:1].upper()}{modes[1:]}."
    request.session[SAID] = said if is_journalled(reply) else f"{said} But {NOT_JOURNALLED}."
    return redirect("today:now")
