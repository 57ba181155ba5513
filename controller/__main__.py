"""``python -m controller`` is the command ``unlocked``."""

from controller.commands.main import main

main()
