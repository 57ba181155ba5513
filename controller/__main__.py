"""``python -m controller`` is the command ``unlocked``."""

from controller.commands.main import main

main(prog_name="unlocked")
