"""What goes wrong at a branch, and what must come of it: the matrix of faults, played one by one."""
