# Sourced by the other scripts: sets UV to a usable uv, installing it into .tools/ with pip where the system has none.
find_uv() {
  if command -v uv >/dev/null 2>&1; then UV=uv; return; fi
  UV=.tools/bin/uv
  [ -x "$UV" ] && return
  local python
  for python in python3 python3.13 python3.12 python3.11 python3.10 python3.9; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; then break; fi
    python=""
  done
  if [ -z "$python" ]; then
    echo "Python 3.9 or newer is needed to install uv; install python3, or uv itself, and run this again." >&2
    exit 1
  fi
  echo "==> Installing uv into .tools/"
  # Debian splits venv and pip into packages of their own; either one is enough.
  if "$python" -m venv .tools 2>/dev/null && .tools/bin/pip install --quiet --disable-pip-version-check uv; then return; fi
  rm -rf .tools
  if "$python" -m pip install --quiet --target .tools uv && [ -x "$UV" ]; then return; fi
  echo "uv could not be installed: $python has neither venv nor pip (on Debian: apt-get install python3-venv)." >&2
  exit 1
}
