#!/usr/bin/env bash
# Installs the server's Debian package on this machine, uses it as an operator would, and removes it. Needs root, apt and
# debhelper. Packages target/debug/shepot-server as it is, however old, and builds it only where it is missing. Leaves
# target/debian behind.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '  %s\n' "$*"; }
die() { printf 'try_package: %s\n' "$*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || die "run it as root: it installs a package"
if dpkg-query -W -f='${Status}' shepot-server 2>/dev/null | grep -q "ok installed"; then
  die "shepot-server is installed here; this would remove it"
fi

[ -x target/debug/shepot-server ] || cargo build --locked --quiet -p shepot-server
package=$PWD/$(scripts/package debug)
[ -f "$package" ] || die "no package was built"

remove() {
  [ -z "${server:-}" ] || kill "$server" 2>/dev/null || true
  apt-get purge -y -qq shepot-server >/dev/null 2>&1 || true
}
trap remove EXIT

say "installs: $(basename "$package")"
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null
getent passwd shepot-server >/dev/null || die "there is no user shepot-server"
[ "$(stat -c '%U %a' /var/lib/shepot-server)" = "shepot-server 700" ] || die "the state folder belongs to somebody else"

systemd-analyze verify /usr/lib/systemd/system/shepot-server.service || die "the unit is wrong"
exposure=$(systemd-analyze security --offline=true --threshold=20 /usr/lib/systemd/system/shepot-server.service | tail -1) \
  || die "the sandbox of the unit is not what it was: $exposure"
say "unit: $exposure"

if [ -d /run/systemd/system ]; then
  say "starts it by systemd"
  systemctl start shepot-server
else
  say "starts it without systemd"
  install -d -m 0700 -o shepot-server -g shepot-server /run/shepot-server
  # An invitation by root before the first start must leave nothing that the server cannot read.
  shepot-server invite --label first >/dev/null
  runuser -u shepot-server -- shepot-server run </dev/null >target/debian/output 2>&1 &
  server=$!
fi
for _ in $(seq 100); do
  if shepot-server status --json >target/debian/status 2>/dev/null; then break; fi
  sleep 0.1
done
grep -q '"connections":0' target/debian/status || die "it does not answer: $(cat target/debian/output 2>/dev/null)"
say "answers: $(shepot-server status --language en | grep 'Locked down')"

shepot-server invite --label table --uses 2 | grep -q '^shepot://' || die "it makes no invitation"
shepot-server invites | grep -q table || die "it does not know its invitation"
shepot-server revoke table >/dev/null
shepot-server reload >/dev/null || die "it cannot read its settings again"
shepot-server doctor --language en >target/debian/doctor || true
grep -q "answers" target/debian/doctor || die "the doctor cannot reach it: $(cat target/debian/doctor)"
! grep -rq 'shepot://' /var/log/shepot-server || die "an invitation is in the log"

say "stops and removes it"
shepot-server stop >/dev/null
if [ -n "${server:-}" ]; then
  wait "$server" || die "it ended badly: $(cat target/debian/output)"
  server=
fi
DEBIAN_FRONTEND=noninteractive apt-get remove -y -qq shepot-server >/dev/null
[ ! -e /usr/bin/shepot-server ] || die "the program is still there"
[ -f /var/lib/shepot-server/identity ] || die "the identity is gone before the package is purged"
DEBIAN_FRONTEND=noninteractive apt-get purge -y -qq shepot-server >/dev/null
for left in /var/lib/shepot-server /var/log/shepot-server /etc/shepot-server/server.toml; do
  [ ! -e "$left" ] || die "$left is still there"
done
! getent passwd shepot-server >/dev/null || die "the user shepot-server is still there"
trap - EXIT
