#!/usr/bin/env bash
# Find a Chromium for the browser tests, or install one: Debian's package when root, Playwright's own download otherwise.
# Debian's headless shell is a Chromium without windows; the tests are done in half the time with it.
set -euo pipefail
cd "$(dirname "$0")/.."
debian() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }
install() { DEBIAN_FRONTEND=noninteractive timeout "${seconds:-300}" apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }

if command -v chromium-headless-shell >/dev/null 2>&1; then exit 0; fi
if [ -z "${LTB_CHROMIUM:-}" ] && debian && seconds=60 install chromium-headless-shell fonts-noto-cjk 2>/dev/null; then exit 0; fi
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ -n "${LTB_CHROMIUM:-}" ] && [ -x "$LTB_CHROMIUM" ]; then exit 0; fi
if .venv/bin/python - <<'PY'
import pathlib, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    sys.exit(not pathlib.Path(playwright.chromium.executable_path).exists())
PY
then exit 0; fi
if debian; then
  echo "==> Installing Chromium (Debian's package)"
  apt-get update -qq || true
  if install chromium-headless-shell fonts-noto-cjk || install chromium fonts-noto-cjk; then exit 0; fi
fi
echo "==> Installing Chromium (Playwright's download)"
if .venv/bin/playwright install chromium; then exit 0; fi
echo "No Chromium could be installed; install one, or name it in LTB_CHROMIUM." >&2
exit 1
