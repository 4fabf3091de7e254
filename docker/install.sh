#!/bin/sh
# Install condabot, in the versions of constraints.txt, into a new virtual environment. conda-lock goes with it: without
# it the App could not refresh a conda-lock.yml.
#
#     install.sh SOURCE ENVIRONMENT
#
# Every step that the Dockerfile takes to install stands here, and none needs root: `docker/prove.sh` runs the same
# script as a normal user. PYTHON names the interpreter (python3).
set -eu

# An absolute path: to pip a bare word is the name of a package in the registry.
source=$(cd "$1" && pwd)
environment=$2

"${PYTHON:-python3}" -m venv "$environment"
pip() {
    "$environment/bin/python" -m pip --quiet --no-cache-dir --disable-pip-version-check "$@"
}

pip install --constraint "$source/constraints.txt" --upgrade pip
pip install --constraint "$source/constraints.txt" --build-constraint "$source/constraints.txt" \
    "${source}[conda-lock,service]"
pip check
"$environment/bin/condabot" --version
