from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result

from controller.membership.sip2.dialect import BadDialect
from controller.secrets.credentials import SecretMissing
from controller.settings.model import Settings

Unlocked = Callable[..., Result]


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        # 2: the unit does not start it again until somebody has put that right.
        (SecretMissing, (2, "site-key: it is missing")),
        (BadDialect, (1, "Error: site-key: it is missing")),
        (PermissionError, (1, "Error: site-key: it is missing")),
    ],
)
def test_what_is_wrong_is_one_line(
    unlocked: Unlocked, monkeypatch: pytest.MonkeyPatch, fault: type[Exception], told: tuple[int, str]
) -> None:
    def run(settings: Settings) -> None:
        raise fault("site-key: it is missing")

    monkeypatch.setattr("controller.membership.main.run", run)
    result = unlocked("membership")
    assert (result.exit_code, result.output.splitlines()[-1]) == told
