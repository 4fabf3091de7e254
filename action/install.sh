#!/usr/bin/env bash
# The step of action.yml that installs condabot into an environment of its own, below RUNNER_TEMP.
#
# Python runs isolated (-I): else it would import what the checkout has under the names of its own modules.
set -euo pipefail

python=$(command -v python3 || command -v python)
"$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "::error title=condabot::condabot needs Python 3.11 or newer: let actions/setup-python come before it"
    exit 2
}

environment=$RUNNER_TEMP/condabot-environment
"$python" -I -m venv "$environment"
# Windows has its programs elsewhere.
bin=$environment/bin
[ -d "$bin" ] || bin=$environment/Scripts

extras=$CONDABOT_ACTION_EXTRAS
read -r command _ <<<"$CONDABOT_ACTION_COMMAND" || true
[ "$command" != run ] || extras=${extras:+$extras,}run
[ -z "$CONDABOT_ACTION_PACK" ] || extras=${extras:+$extras,}pack
extras=[${extras:+$extras,}private,pypi]
if [ -n "$CONDABOT_ACTION_VERSION" ]; then
    wanted=(--only-binary condabot "condabot$extras==$CONDABOT_ACTION_VERSION")
else
    constraints=$GITHUB_ACTION_PATH/constraints.txt
    wanted=(--constraint "$constraints" --build-constraint "$constraints" "$GITHUB_ACTION_PATH$extras")
fi
pip=("$bin/python" -I -m pip --quiet --disable-pip-version-check)
# `--build-constraint` is of pip 25.3.
"${pip[@]}" install --upgrade 'pip>=25.3'
"${pip[@]}" install "${wanted[@]}"
"$bin/condabot" --version
