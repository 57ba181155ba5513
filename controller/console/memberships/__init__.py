"""The pages about memberships: how fresh they are, how many, and files of them that staff hand over."""
