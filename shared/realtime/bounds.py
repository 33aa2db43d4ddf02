"""How long and how much: what one connection, one learner and one process may take."""

from dataclasses import dataclass
from typing import Final

LONGEST_FRAME: Final = 65_536
"""Bytes of an app's frame; the server closes with 1009 over that. The longest message fits with every character escaped."""
PING_SECONDS: Final = 20.0
"""Between two pings of the server's, and how long it waits for the pong (then the connection counts as lost)."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds and numbers; the defaults are the product's."""

    sign_in: float = 10.0
    """From the connection to a valid token."""
    waiting: int = 64
    """Connections of this process that have not signed in yet."""
    per_learner: int = 5
    """Connections of one learner to this process; one more closes the oldest, which a phone may have left behind."""
    answers: int = 4
    """Answers and requests of one connection at a time."""
    mistakes: int = 20
    """Frames of one connection that do not fit or come too often, before it is closed."""
    watch: float = 1.0
    """Between two looks at the clock and at whether the sign-in still holds. Revocations are read ahead when they are 2.5 s
    old, so with this a revoked sign-in is out within the 5 s that hold for requests."""
    send: float = 20.0
    """How long a reader may take nothing before it counts as gone."""
    renew: float = 60.0
    """So long before a token's end its owner is asked for a new one."""
    idle: float = 1_200.0
    """Without a frame from the app, and with no answer running."""
    life: float = 3_420.0
    """A connection's longest life. Cloud Run cuts at 3600 s without a word; before that we say so."""
    notice: float = 60.0
    """Between saying that a connection ends because of its age and its end."""
    drain: float = 5.0
    """For answers under way when the process is told to end (Cloud Run kills it 10 s after)."""
