"""How passwords are kept: argon2id, as much of it as a Pi can spare.

19 MiB and two passes are the smaller of the sets that OWASP calls equally strong; Django's own 100 MiB would
be more than the whole console is given. One hash at a time: ten people who log in at once wait for one
another, and a flood of tries takes one core at most.
"""

from __future__ import annotations

import threading

from django.contrib.auth.hashers import Argon2PasswordHasher

_one = threading.Lock()


class OneAtATime(Argon2PasswordHasher):
    time_cost = 2
    memory_cost = 19_456
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with _one:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _one:
            return super().verify(password, encoded)
