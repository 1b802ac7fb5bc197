#!/usr/bin/env bash
# Compares what we are built from with the advisories of RustSec, by the dated snapshot in advisories/. Fetches nothing.
# Needs git and Python 3.
set -euo pipefail
cd "$(dirname "$0")/.."

snapshots=(advisories/rustsec-*.tar.xz)
[ "${#snapshots[@]}" -eq 1 ] || { echo "check_advisories: one snapshot is expected: ${snapshots[*]}" >&2; exit 1; }
snapshot=${snapshots[0]}
date=${snapshot#advisories/rustsec-}
date=${date%.tar.xz}
age=$((($(date -u +%s) - $(date -u -d "$date" +%s)) / 86400))
echo "RustSec's advisories as of $date: $age days old."

# cargo-deny reads a repository, named after the address that it would fetch.
folder=target/advisories/$(sha256sum "$snapshot" | cut -c1-16)
database=$folder/advisory-db-3157b0e258782691
if [ ! -d "$database/.git" ]; then
  rm -rf "$folder"
  mkdir -p "$database"
  python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])' "$snapshot" "$database"
  git=(git -C "$database" -c user.name=shepot -c user.email=shepot@localhost -c commit.gpgsign=false)
  "${git[@]}" init --quiet
  "${git[@]}" add --all --force
  GIT_AUTHOR_DATE="$date 00:00Z" GIT_COMMITTER_DATE="$date 00:00Z" "${git[@]}" commit --quiet -m "$date"
fi
# The setting has a fixed place.
ln -sfn "$(basename "$folder")" target/advisories/now

deny=$(scripts/tool cargo-deny)
for manifest in Cargo.toml grammar/Cargo.toml interoperability/Cargo.toml; do
  "$deny" --offline --locked --manifest-path "$manifest" --config deny.toml check --allow advisory-not-detected advisories
done
