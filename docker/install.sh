#!/bin/sh
# Install condabot, in the versions of constraints.txt, into a new virtual environment. conda-lock goes with it: without
# it the App could not refresh a conda-lock.yml.
#
#     install.sh SOURCE ENVIRONMENT
#
# Nothing is installed whose SHA-256 is not one of those in requirements.txt and build.txt beside this script, which
# `make constraints` writes: also what only builds condabot's wheel, in an environment that is thrown away.
# Every step that the Dockerfile takes to install stands here, and none needs root: `docker/prove.sh` runs the same
# script as a normal user. PYTHON names the interpreter (python3).
set -eu

# An absolute path: to pip a bare word is the name of a package in the registry.
source=$(cd "$1" && pwd)
environment=$2
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT

pip() {
    python=$1/bin/python
    shift
    "$python" -m pip --quiet --no-cache-dir --disable-pip-version-check "$@"
}

"${PYTHON:-python3}" -m venv "$built/environment"
pip "$built/environment" install --require-hashes --requirement "$source/docker/build.txt"
pip "$built/environment" wheel --no-deps --no-build-isolation --wheel-dir "$built" "$source"

"${PYTHON:-python3}" -m venv "$environment"
pip "$environment" install --require-hashes --requirement "$source/docker/requirements.txt"
pip "$environment" install --no-deps --no-index "$built"/condabot-*.whl
pip "$environment" check
"$environment/bin/condabot" --version
