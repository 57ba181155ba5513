"""The tables as queries name them. What a column means and allows is said in ``migrations``."""

from __future__ import annotations

from sqlalchemy import TableClause, column, table


def _table(name: str, columns: str) -> TableClause:
    return table(name, *map(column, columns.split()))


# A journal
journal = _table("journal", "one id service")
chain = _table("chain", "seq leaf head")
event = _table("event", "seq id type wall_us mono_us boot_id clock_trusted subject data")
sealed = _table("sealed", "seq field key_id box")
signed_head = _table("signed_head", "seq wall_us note")

# members.db
membership_set = _table("membership_set", "id as_of_us key_id members pin_key_id pins_as_of_us")
current_set = _table("current_set", "one set_id")
membership = _table(
    "membership",
    "set_id member_ref status enrolled expires category"
    " inducted_on granted_from granted_until adult_on guardian",
)
listed = _table("listed", "member_ref listing since until")
pin_verifier = _table("pin_verifier", "set_id member_ref verifier")
live_answer = _table(
    "live_answer",
    "member_ref known status inducted_on granted_from granted_until expires category adult_on guardian"
    " as_of_us key_id",
)
live_pin = _table("live_pin", "member_ref verifier pin_key_id verified_us")

# positions.db
position = _table("position", "journal_id sent received rewinds")

# footage.db
segment = _table(
    "segment",
    "id camera name start_us end_us start_mono_us boot_id clock_trusted size_bytes sha256 state recovered",
)
clip = _table("clip", "id camera event_journal event_seq event_id start_us end_us")
known_camera = _table("known_camera", "camera asked colour_view grey_view usual_kbps")

# registers.db
hold = _table(
    "hold",
    "id authority reference category site device start_us end_us placed_us placed_by review_us reviewed_us"
    " reviewed_by ended_us ended_by end_reason cooling_off_days",
)
hold_event = _table("hold_event", "hold_id event_id")
restriction = _table(
    "restriction",
    "id reference ground placed_us placed_by informed_us informed_by informed_how lifted_us lifted_by"
    " lift_reason",
)
restriction_event = _table("restriction_event", "restriction_id event_id")
proposal = _table(
    "proposal",
    "id kind about reason proposed_us proposed_by decided_us decided_by outcome",
)
