#!/usr/bin/env bash
# The step of action.yml that packs an environment of a lock of the checkout, for the step after it to upload.
#
# What is packed is what is locked when condabot has done what it was asked: after `update`, what that came to.
set -euo pipefail

bin=$RUNNER_TEMP/condabot-environment/bin
[ -d "$bin" ] || bin=$RUNNER_TEMP/condabot-environment/Scripts
folder=$(mktemp -d "$RUNNER_TEMP/condabot-packed-XXXXXX")
archive=$folder/environment.tar.gz

read -r -a words <<<"$CONDABOT_ACTION_PACK"
cd -- "$CONDABOT_ACTION_PATH"

# Nothing that stands in a repository may be read as a command of the runner.
mark=$("$bin/python" -I -c 'import secrets; print(secrets.token_hex(16))')
code=0
echo "::stop-commands::$mark"
"$bin/condabot" pack "${words[@]}" --output "$archive" || code=$?
echo "::$mark::"

case $code in
0) ;;
3) echo "::warning title=condabot::Not everything that is locked is packed; the log says what is not." ;;
*) exit "$code" ;;
esac

# The name of an artifact tells apart what is packed in one workflow, and has nothing in it that an artifact's may not.
name=$("$bin/python" -I - "$archive.manifest.json" <<'PYTHON'
import json, re, sys

with open(sys.argv[1], encoding="utf-8") as file:
    packed = json.load(file)
words = packed["lock"]["path"], packed["environment"], packed["platform"]
print("-".join(re.sub(r"[^A-Za-z0-9._]+", "-", word).strip("-") for word in words))
PYTHON
)
{
    echo "packed=$name"
    echo "folder=$folder"
} >>"$GITHUB_OUTPUT"
