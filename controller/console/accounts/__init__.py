"""Who may log in to the staff pages: accounts, roles, training, passwords."""
