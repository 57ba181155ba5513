"""What the library management system says of a card now, joined to what it exported of it before.

Most systems do not tell, over the protocols that they are asked by, who had an induction or who may bring
companions. Then what was imported goes on holding; where nothing was, nobody is entitled.
"""

from __future__ import annotations

from datetime import date

from controller.core.membership import Membership
from controller.membership.lms.source import Said

SOME_DAY = date.min
"""Instead of a day in the past that the system did not name."""


def merged(said: Said, imported: Membership | None, as_of_us: int) -> Membership:
    """The membership as of now. imported: of the same card, in the set that counts."""
    inducted_on = granted_from = granted_until = None
    if imported is not None and said.entitled is not False:
        inducted_on, granted_from = imported.inducted_on, imported.granted_from
        granted_until = imported.granted_until
    if said.entitled:
        inducted_on, granted_from, granted_until = inducted_on or SOME_DAY, granted_from or SOME_DAY, None
    category, adult_on = said.category, said.adult_on
    if imported is not None:
        category = imported.category if category is None else category
        adult_on = imported.adult_on if adult_on is None else adult_on
    return Membership(
        said.status,
        inducted_on,
        granted_from,
        granted_until,
        said.expires,
        category or "",
        adult_on,
        imported is not None and imported.guardian,
        as_of_us,
    )
