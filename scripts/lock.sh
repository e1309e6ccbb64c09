#!/usr/bin/env bash
# Resolve pyproject.toml into the two lock files: hashes, and no address of any index.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/find_uv.sh
find_uv
options=(--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet)
"$UV" pip compile pyproject.toml -o requirements.lock "${options[@]}" "$@"
"$UV" pip compile pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock "${options[@]}"
