"""A trial of one system with test cards: what is asked and in which order, and which settings come of it.

Never here: where the cards come from, what is journalled of it, or how any of it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from controller.core.card import CardNumber
from controller.core.pin import Pin
from controller.membership.lms.source import LmsUnavailable, Unknown
from controller.membership.probe.judging import Branch, Danger, dangers
from controller.membership.probe.seen import Asked, Prober, Seen
from controller.membership.probe.sip2 import Sip2Prober, changed
from controller.secrets.credentials import Secret
from controller.settings.lms import Koha, Lms, Sip2
from controller.settings.section import is_loopback


@dataclass(frozen=True, slots=True)
class CardsToTry:
    """Whatever was not given is None, and not tried. wrong_pin: of the valid card, and not its PIN."""

    valid: CardNumber | None = None
    pin: Pin | None = None
    wrong_pin: Pin | None = None
    expired: CardNumber | None = None
    blocked: CardNumber | None = None
    unknown: CardNumber | None = None

    def given(self) -> dict[Asked, CardNumber]:
        """Each card that was given, with the question that shows its record."""
        cards = {
            Asked.VALID: self.valid,
            Asked.EXPIRED: self.expired,
            Asked.BLOCKED: self.blocked,
            Asked.UNKNOWN: self.unknown,
        }
        return {asked: card for asked, card in cards.items() if card is not None}


@dataclass(frozen=True, slots=True)
class Question:
    asked: Asked
    card: CardNumber
    pin: Pin | None = None


def questions_about(cards: CardsToTry) -> list[Question]:
    """In the order in which they are asked."""
    found: list[Question] = []
    for asked, card in cards.given().items():
        found.append(Question(asked, card))
        if asked is Asked.VALID:
            if cards.pin is not None and cards.wrong_pin is not None:
                # The right one last: in many systems it ends the count of wrong ones.
                found.append(Question(Asked.WRONG_PIN, card, cards.wrong_pin))
            found.append(Question(Asked.EMPTY_PIN, card))
            if cards.pin is not None:
                found.append(Question(Asked.RIGHT_PIN, card, cards.pin))
    return found


@dataclass(frozen=True, slots=True)
class Probed:
    """What came of a trial.

    where: the system. greeting: what it says of itself. doubts: what is not known of its dialect.
    tried: the settings. to_use: those that it ends with.
    """

    where: str
    greeting: str
    seen: Sequence[Seen]
    branch: Branch
    today: date
    dangers: Sequence[Danger]
    doubts: Sequence[str]
    tried: Lms
    to_use: Lms

    @property
    def not_tried(self) -> list[Asked]:
        tried = {seen.asked for seen in self.seen}
        return [asked for asked in Asked if asked not in tried]

    def showed_record(self, asked: Asked) -> bool:
        """Whether this question was answered with somebody's record."""
        return any(
            seen.asked is asked and not isinstance(seen.said, (Unknown, LmsUnavailable)) for seen in self.seen
        )


@dataclass(frozen=True, slots=True)
class Trial:
    """lms: the settings to try. minimum_age: the branch has one. today: local date. secret: by name.
    monotonic: seconds of a clock that never steps. about_to_ask: told of each question before it is asked.
    """

    lms: Lms
    minimum_age: bool
    today: date
    secret: Callable[[str], Secret]
    monotonic: Callable[[], float]
    about_to_ask: Callable[[Question], None]

    def of(self, questions: Sequence[Question]) -> Probed:
        """Raises LmsUnavailable if there is no answer at all, BadDialect, SecretMissing."""
        if self.lms.sip2 is not None:
            return self._over_sip2(self.lms.sip2, questions)
        assert self.lms.koha is not None  # the settings have one of them
        return self._over_koha(self.lms.koha, questions)

    def _over_koha(self, koha: Koha, questions: Sequence[Question]) -> Probed:
        # Only here, so that a branch without Koha does without its library for HTTP.
        from controller.membership.probe.koha import KohaProber

        greeting, seen = self._ask_all(KohaProber(self.lms, koha, self.secret, self.monotonic), questions)
        branch = Branch(self.minimum_age)
        found = dangers(seen, branch, self.today)
        return Probed(koha.url, greeting, seen, branch, self.today, found, (), self.lms, self.lms)

    def _over_sip2(self, sip2: Sip2, questions: Sequence[Question]) -> Probed:
        prober = Sip2Prober(self.lms, sip2, self.secret, self.monotonic)
        greeting, seen = self._ask_all(prober, questions)
        better = prober.fitting(self.today, self.minimum_age)
        branch = Branch(
            self.minimum_age,
            plain=not (sip2.uses_tls or is_loopback(sip2.host)),
            checksum_error=prober.checksum_error,
            dialect=sip2.dialect,
            better_dialects=tuple(better),
        )
        found = dangers(seen, branch, self.today)
        lost = not better and any(danger.code in ("no_expiry", "bad_expiry") for danger in found)
        to_use = changed(
            sip2,
            checksum=prober.checksum,
            dialect=better[0] if better else None,
            expiry=prober.expiry_found(self.today) if lost else None,
        )
        return Probed(
            f"{sip2.host}:{sip2.port}",
            greeting,
            seen,
            branch,
            self.today,
            found,
            prober.dialect.doubts,
            self.lms,
            self.lms.model_copy(update={"sip2": to_use}),
        )

    def _ask_all(self, prober: Prober, questions: Sequence[Question]) -> tuple[str, list[Seen]]:
        try:
            greeting, seen = prober.begin(), []
            for question in questions:
                self.about_to_ask(question)
                seen.append(prober.ask(question.asked, question.card, question.pin, self.today))
        finally:
            prober.close()
        return greeting, seen
