"""What a safety check says about a text."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Verdict:
    """`allow`: go on. `block`: refuse. `support`: go on with care, and show the help text (`shared.safety.support`).

    `categories` names what was found, in the order it was found; it is empty exactly when the action is `allow`.
    """

    action: Literal["allow", "block", "support"]
    categories: tuple[str, ...]


ALLOW = Verdict("allow", ())
