"""Who is calling, as far as a verified token says."""

import re
from dataclasses import dataclass, field
from typing import Final, Literal

Role = Literal["learner", "admin", "service"]

SUBJECT: Final = re.compile(r"[A-Za-z0-9._:@-]{1,128}\Z")
"""What a user id may look like: it becomes part of document ids and of counter keys."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller whose token was verified. Times are Unix seconds.

    `token_id` is the token's `jti`, or a hash of the token where it has none. `issued_at` is the moment the person signed
    in where the token says so (Firebase: `auth_time`), else when the token was made; 0 when it says neither. Revocation
    compares against it, so that a refresh of a revoked sign-in stays revoked.
    """

    user_id: str
    role: Role
    token_id: str
    issued_at: float
    email: str | None = field(default=None, repr=False)
