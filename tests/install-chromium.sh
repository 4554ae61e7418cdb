#!/usr/bin/env bash
# Installs Chromium for the browser tests and the screenshots by apt-get; does nothing if it is installed.
set -euo pipefail

for name in chromium-headless-shell chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null; then exit 0; fi
done

fail() {
  echo "install-chromium: $1" >&2
  echo "  The browser tests need Chromium. Install it so that chromium, chromium-browser or google-chrome is on PATH," >&2
  echo "  and run the same command again." >&2
  exit 1
}

command -v apt-get >/dev/null || fail "there is no Chromium on PATH, and no apt-get to install it with"
if [ "$(id -u)" -eq 0 ]; then
  as_root=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root=(sudo -n)
else
  fail "there is no Chromium on PATH, and installing it needs root or a sudo that asks for no password"
fi

echo "installing Chromium by apt-get" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$1"; }
"${as_root[@]}" apt-get update >"$log" 2>&1 || true # an older list of packages may be enough
# The shell needs less time for a page; Ubuntu has only the last.
for package in chromium-headless-shell chromium chromium-browser; do
  if install "$package" >>"$log" 2>&1 && command -v "$package" >/dev/null; then exit 0; fi
done
tail -n 20 "$log" >&2
fail "apt-get could not install chromium; its last words are above"
