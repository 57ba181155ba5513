"""How long footage stays, how it is destroyed, and what there is room for."""
