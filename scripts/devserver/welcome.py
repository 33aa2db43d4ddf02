"""What the development server says when it is ready."""

import json
import shlex
from datetime import UTC, datetime

from shared.identity import local
from shared.llm import catalog
from shared.settings import Settings

TOKEN_SECONDS = 24 * 3600
QUESTION = {"message": "Why does ice float on water?"}


def text(settings: Settings, host: str, port: int, *, seconds: float, now: float) -> str:
    """URL, documentation, models by name (never their keys), tokens and one command that works as pasted.

    `seconds` is how long the start took, `now` is Unix time. Tokens are left out unless AUTH_MODE is local.
    """
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    known = catalog.load(settings, datetime.fromtimestamp(now, UTC).date()).models.values()
    models = ", ".join(f"{model.name} ({model.provider}, {model.model_id})" for model in known)
    lines = [
        f"Lyo AI answers on {url} (after {seconds:.1f} s)",
        f"  documentation  {url}/docs",
        f"  health         {url}/health",
        f"  models         {models or 'none configured: the built-in template answers (see .env)'}",
        f"  data           {settings.data_dir}",
    ]
    if settings.auth_mode != "local":
        return "\n".join([*lines, f"  sign-in        {settings.auth_mode}: bring your own token", "Ctrl-C stops it."])
    secret = local.read_or_create_secret(settings.data_dir)
    learner = local.mint(secret, "learner-1", "learner", TOKEN_SECONDS)
    admin = local.mint(secret, "admin-1", "admin", TOKEN_SECONDS)
    command = (
        f"curl -sS {url}/api/v1/ai/mentor/chat \\\n"
        f"  -H 'Authorization: Bearer {learner}' \\\n"
        f"  -H 'Content-Type: application/json' \\\n"
        f"  -d {shlex.quote(json.dumps(QUESTION))}"
    )
    lines += [
        f"  learner token  {learner}",
        f"  admin token    {admin}",
        "  both are valid for 24 hours; scripts/token makes others",
        "",
        "Try:",
        command,
        "",
        "Ctrl-C stops it.",
    ]
    return "\n".join(lines)
