from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import threading, argon2
from controller.console.allocator import give_memory_back
give_memory_back()

def resident():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS"))
hash = argon2.PasswordHasher(memory_cost=19456, time_cost=1, parallelism=1).hash
hash("warm")
before = resident()
for _ in range(3):
    thread = threading.Thread(target=hash, args=("a password",))
    thread.start()
    thread.join()
print(resident() - before)
"""


def test_what_a_password_takes_goes_back_to_the_machine() -> None:
    kept_kb = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True).stdout
    assert int(kept_kb) < 4_000
