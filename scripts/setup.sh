#!/usr/bin/env bash
# Make .venv hold exactly what the given lock file names. Does nothing, without network, when it already does.
set -euo pipefail
cd "$(dirname "$0")/.."
lock=$1
stamp=.venv/.installed

# The development lock is a superset: what runs with it installed is what runs without.
wanted=$(cat pyproject.toml "$lock" | sha256sum | cut -d' ' -f1)
full=$(cat pyproject.toml requirements-dev.lock | sha256sum | cut -d' ' -f1)
if [ -f "$stamp" ] && { [ "$(cat "$stamp")" = "$wanted" ] || [ "$(cat "$stamp")" = "$full" ]; }; then exit 0; fi

. scripts/find_uv.sh
find_uv
[ -x .venv/bin/python ] || "$UV" venv --python 3.11 .venv
echo "==> Installing $(grep -c '==' "$lock") packages from $lock"
"$UV" pip sync --python .venv/bin/python --require-hashes "$lock"
"$UV" pip install --python .venv/bin/python --quiet --no-deps --no-build-isolation --editable .
echo "$wanted" > "$stamp"
