from __future__ import annotations

import pytest

from controller.recorder.capture.lease import Lease, LeftBehind


def test_a_lease_is_revoked_only_while_its_holder_waits() -> None:
    lease = Lease()
    lease.begin()
    assert not lease.revoke()
    with lease:
        pass
    assert lease.beats == 2
    with pytest.raises(LeftBehind), lease:
        assert lease.revoke()
