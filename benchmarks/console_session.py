"""``python -m benchmarks.console_session CONFIG COUNT``: accounts of the console, logged in; a cookie a line.

A process of its own, since Django is set up once a process. Passwords are left out: pages are measured.
"""

from __future__ import annotations

import sys
from pathlib import Path

from controller.console.accounts.database import prepare
from controller.console.web.configure import configure
from controller.console.web.secret_key import secret_key
from controller.settings.load import load
from controller.settings.paths import Paths


def main(config: Path, count: int) -> None:
    settings = load(config)
    paths = Paths.of(settings)
    configure(settings, paths.console, secret_key(paths.console.with_name("cookie-key")))
    prepare(paths.console)
    from django.test import Client

    from controller.console.accounts.models import StaffAccount

    for number in range(count):
        account = StaffAccount.objects.create(name=f"desk{number}", roles_held=["desk"])
        client = Client(headers={"host": "localhost"})
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        sys.stdout.write("; ".join(f"{one.key}={one.value}" for one in client.cookies.values()) + "\n")


main(Path(sys.argv[1]), int(sys.argv[2]))
