from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result

from controller.membership.sip2.dialect import BadDialect
from controller.secrets.credentials import SecretMissing
from controller.settings.model import Settings

Unlocked = Callable[..., Result]


@pytest.mark.parametrize("fault", [SecretMissing, BadDialect, PermissionError])
def test_what_is_wrong_is_one_line(
    unlocked: Unlocked, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    def run(settings: Settings) -> None:
        raise fault("site-key: it is missing")

    monkeypatch.setattr("controller.membership.main.run", run)
    result = unlocked("membership")
    assert (result.exit_code, result.output.splitlines()[-1]) == (1, "Error: site-key: it is missing")
