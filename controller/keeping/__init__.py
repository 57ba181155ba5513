"""What every service does alike to dispose of what it owns: may it, what is held, and the sweep itself."""
