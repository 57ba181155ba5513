"""``python -m controller`` is the command ``unlocked``."""

from controller.commands.main import main
from controller.secrets.memory import keep_private


def start() -> None:
    """``unlocked``, whatever is asked of it: services and commands by hand all see card numbers or keys."""
    keep_private()
    main(prog_name="unlocked")


if __name__ == "__main__":
    start()
