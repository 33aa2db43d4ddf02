"""`python -m scripts.lib.minting`: prints a token for the local auth mode. See scripts/token."""

import argparse
import sys

from shared.errors import LyoError
from shared.identity import local
from shared.identity.caller import SUBJECT
from shared.settings import Settings


def main() -> None:
    """Print the token and nothing else; one line on standard error and exit 1 when it cannot be made."""
    parser = argparse.ArgumentParser(prog="scripts/token", description="A token for AUTH_MODE=local.")
    parser.add_argument("--sub", required=True, help="the user's id")
    parser.add_argument("--role", choices=("learner", "admin"), default="learner")
    parser.add_argument("--ttl", type=float, default=24 * 3600, help="seconds it is valid (default: a day)")
    given = parser.parse_args()
    if given.ttl <= 0:
        parser.error("--ttl is more than 0 seconds")
    if SUBJECT.match(given.sub) is None:
        parser.error("--sub is 1 to 128 letters, digits and ._:@-")
    try:
        settings = Settings.load()
        if settings.auth_mode != "local":
            sys.exit(f"AUTH_MODE is {settings.auth_mode}: its tokens are not made here")
        print(local.mint(local.read_or_create_secret(settings.data_dir), given.sub, given.role, given.ttl))
    except (LyoError, ValueError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
