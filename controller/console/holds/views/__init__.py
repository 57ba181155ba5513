"""The pages, a file for each thing they are of."""
