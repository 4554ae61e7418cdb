#!/usr/bin/env bash
# Debian and Ubuntu ship Python without venv: installs the package for the given Python. Default: python3.
set -euo pipefail
python=${PYTHON:-python3}

fail() {
  echo "install-venv: $1" >&2
  echo "  Install the venv module of your Python (Debian, Ubuntu: apt-get install python3-venv), and run the same" >&2
  echo "  command again." >&2
  exit 1
}

has_venv() { "$python" -c 'import ensurepip, venv' 2>/dev/null; }

command -v "$python" >/dev/null || fail "there is no $python on PATH"
if has_venv; then exit 0; fi
command -v apt-get >/dev/null || fail "$python has no venv, and there is no apt-get to install it with"
if [ "$(id -u)" -eq 0 ]; then
  as_root=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root=(sudo -n)
else
  fail "$python has no venv, and installing it needs root or a sudo that asks for no password"
fi

# A Python other than the system's (python3.12 next to 3.11) has a separate package.
own=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
echo "installing venv for $python by apt-get" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$1"; }
"${as_root[@]}" apt-get update >"$log" 2>&1 || true # an older list of packages may be enough
for package in "$own" python3-venv; do
  if install "$package" >>"$log" 2>&1 && has_venv; then exit 0; fi
done
tail -n 20 "$log" >&2
fail "neither $own nor python3-venv gives $python a venv; the last words of apt-get are above"
