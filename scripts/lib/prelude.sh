# Sourced by every command: goes to the repository root, finds Python, makes the environment, reads `.env`.
# Works with the bash 3.2 of macOS.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly VENV_PYTHON=.venv/bin/python

die() {
  printf '%s: %s\n' "scripts/$(basename "$0")" "$*" >&2
  exit 1
}

# The first Python that is new enough; PYTHON=... puts another first.
find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3 python3.11 python3.12 python3.13 python3.14 python; do
    if [[ -n "$candidate" ]] && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

# environment run|dev: brings .venv to what the tier needs (instant when it is there already).
environment() {
  local python
  python="$(find_python)" || die "Python 3.11 or newer is needed (PYTHON=/path/to/python names one)"
  "$python" -I scripts/lib/environment.py "$1" || exit 1
}

# Reads KEY=VALUE lines of `.env` without running them as code. What is set already wins.
load_dotenv() {
  local line name value
  [[ -f .env ]] || return 0
  while IFS= read -r line || [[ -n "$line" ]]; do
    line="${line%$'\r'}"
    line="${line#export }"
    [[ "$line" =~ ^[[:space:]]*(#.*)?$ ]] && continue
    [[ "$line" =~ ^([A-Za-z_][A-Za-z0-9_]*)=(.*)$ ]] || die ".env: not KEY=VALUE: ${line%%=*}"
    name="${BASH_REMATCH[1]}"
    value="${BASH_REMATCH[2]}"
    case "$value" in
      \"*\") value="${value#\"}"; value="${value%\"}" ;;
      \'*\') value="${value#\'}"; value="${value%\'}" ;;
    esac
    [[ -n "${!name+set}" ]] || export "$name=$value"
  done <.env
}
