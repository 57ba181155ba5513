"""Where each message of a branch goes. Never here: what is in it."""

from __future__ import annotations

from dataclasses import dataclass

from controller.core.event import EventType


@dataclass(frozen=True, slots=True)
class Topics:
    """All topics begin with ``lu/v1/{authority}/{branch}``; v1 changes when a payload changes its meaning."""

    authority: str
    branch: str

    @property
    def root(self) -> str:
        return f"lu/v1/{self.authority}/{self.branch}"

    def event(self, kind: EventType) -> str:
        return f"{self.root}/evt/{kind}"

    @property
    def status(self) -> str:
        """Retained: whether the branch is connected. The last will speaks here too."""
        return f"{self.root}/status"

    def door(self, door: str) -> str:
        """Retained: what the door is like now."""
        return f"{self.root}/door/{door}"

    def text(self, door: str) -> str:
        """What displays at the door show. Retained: what stands; not retained: what passes."""
        return f"{self.door(door)}/text"

    @property
    def memberships(self) -> str:
        """Retained: how good the branch's knowledge of its members is now."""
        return f"{self.root}/memberships"

    def camera(self, camera: str) -> str:
        """Retained: how the camera is now."""
        return f"{self.root}/camera/{camera}"

    @property
    def footage(self) -> str:
        """Retained: whether there is room for footage."""
        return f"{self.root}/footage"

    @property
    def notice(self) -> str:
        """Retained: the hashes of the privacy notice that was published last."""
        return f"{self.root}/notice"

    def journal_head(self, service: str) -> str:
        """Retained: the newest signed head of this service's journal."""
        return f"{self.root}/journals/{service}/head"

    @property
    def acknowledgements(self) -> str:
        """What to subscribe to; the last part is the receiver's name."""
        return f"{self.root}/ack/+"
