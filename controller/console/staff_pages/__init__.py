"""The pages on which supervisors keep the accounts of staff."""
