"""Whether a file may follow the memberships there are. Pure; what stands in the file is not asked.

A file that was true earlier than what there is would bring back members who have left: by an accident, or
because somebody plays an old file again.
"""

from __future__ import annotations

from controller.membership.feed.name import FeedName
from controller.membership.feed.refusal import BadFile, Cause
from controller.store.members import MembershipSet

WHOLE = "export all memberships (-full-), and go on with changes from there"


def judge(
    name: FeedName, current: MembershipSet | None, key_id: str, now_us: int, *, older: bool = False
) -> None:
    """key_id: of the site key. now_us: by a clock that is trusted. older: an old full file may come too.

    Raises BadFile.
    """
    if name.as_of_us > now_us:
        raise BadFile(Cause.FUTURE, "it is from the future; see to the clocks of both sides")
    if name.since_us is not None:
        _judge_delta(name.as_of_us, name.since_us, current, key_id)
    elif current is not None and name.as_of_us < current.as_of_us and not older:
        raise BadFile(Cause.OLDER, "the memberships there are are newer", by_hand="--older")


def judge_size(current: MembershipSet | None, count: int, *, shrink: bool = False) -> None:
    """Half of all members do not leave from one file to the next. Raises BadFile."""
    if current is not None and 2 * count < current.count and not shrink:
        raise BadFile(
            Cause.SHRUNK,
            f"it would leave {count} memberships of {current.count}",
            by_hand="--shrink",
        )


def is_in_already(name: FeedName, current: MembershipSet | None) -> bool:
    """Something from the same moment counts: this very file, most likely."""
    return current is not None and name.as_of_us == current.as_of_us


def _judge_delta(as_of_us: int, since_us: int, current: MembershipSet | None, key_id: str) -> None:
    if current is None:
        raise BadFile(Cause.NO_BASE, f"there are no memberships that it could change; {WHOLE}")
    if as_of_us <= current.as_of_us:
        raise BadFile(Cause.OLDER, "the memberships there are are as new")
    if since_us > current.as_of_us:
        why = f"the changes before it never came; import them first, or {WHOLE}"
        raise BadFile(Cause.GAP, why)
    if current.key_id != key_id:
        raise BadFile(Cause.NO_BASE, f"the site key has changed; {WHOLE}")
