#!/usr/bin/env bash
# Prove the Dockerfile's steps without a container engine: what it copies, its script, and the program that comes of it,
# as a normal user with a home of its own.
#
#     docker/prove.sh PYTHON
set -euo pipefail
cd "$(dirname "$0")/.."

user=65534 # nobody
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT

mkdir "$home/source"
# The paths of the Dockerfile's own COPY lines; a line with options copies between stages.
awk '$1 == "COPY" && $2 !~ /^--/ { for (i = 2; i < NF; i++) print $i }' Dockerfile |
    xargs cp --recursive --parents --target-directory="$home/source"

as_user=(env HOME="$home" PYTHON="$1")
if [ "$(id -u)" -eq 0 ]; then
    chown -R "$user:$user" "$home"
    as_user=(setpriv --reuid="$user" --regid="$user" --clear-groups "${as_user[@]}")
fi

cd "$home"
"${as_user[@]}" sh source/docker/install.sh source environment
rm -rf source # nothing of it may be needed any more
"${as_user[@]}" environment/bin/condabot --help >/dev/null
