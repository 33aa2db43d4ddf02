"""Which process this is, without asking the system: a number that changes in every forked child.

The framework forks its workers after importing us. What belongs to one process (connections, fetched randomness) is
kept with the generation it was made in; asking for the process id instead would be a system call each time.
"""

import os

generation = 0


def _count() -> None:
    global generation
    generation += 1


os.register_at_fork(after_in_child=_count)
