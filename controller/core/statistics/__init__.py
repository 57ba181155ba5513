"""How many came, how many were refused, how many were inside: counted, and told so that it is of nobody."""
