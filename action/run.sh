#!/usr/bin/env bash
# The step of action.yml that runs condabot on the checkout, and says what came of it: outputs and a summary.
set -euo pipefail

bin=$RUNNER_TEMP/condabot-environment/bin
[ -d "$bin" ] || bin=$RUNNER_TEMP/condabot-environment/Scripts
results=$(mktemp -d "$RUNNER_TEMP/condabot-results-XXXXXX")
title=$results/title body=$results/body
: >"$title" && : >"$body"

read -r -a words <<<"$CONDABOT_ACTION_COMMAND"
command=${words[0]:-}
options=("${words[@]:1}")
cd -- "$CONDABOT_ACTION_PATH"

# Nothing that stands in a repository may be read as a command of the runner, or as the end of an output.
mark=$("$bin/python" -I -c 'import secrets; print(secrets.token_hex(16))')

condabot() { # bash before 4.4 takes an empty array for a variable that is not set
    "$bin/condabot" "$command" ${options[@]+"${options[@]}"} "$@"
}

# Credentials are for the one command that uses them.
[ "$command" = run ] || unset GITHUB_TOKEN CONDABOT_APP_ID CONDABOT_PRIVATE_KEY

# Whether there is something to change is told by exit code 1, but of `check --locked`, which fails by it.
changed=false code=0
echo "::stop-commands::$mark"
case $command in
update | run)
    condabot --title "$title" --body "$body" || code=$?
    [ ! -s "$title" ] || changed=true
    ;;
check)
    case " ${options[*]-} " in
    *" --locked "*) condabot | tee "$body" || code=$? ;;
    *) condabot --exit-code | tee "$body" || code=$? ;;
    esac
    ;;
diff)
    condabot --markdown --exit-code | tee "$body" || code=$?
    ;;
*) code=64 ;;
esac
echo "::$mark::"

case "$command,$code, ${options[*]-} " in
check,1,*" --locked "*) changed=true ;;
check,1,* | diff,1,*) changed=true code=0 ;;
run,1,*)
    echo "::error title=condabot::GitHub refused something that was to be written; the log says what."
    ;;
*,3,*)
    echo "::warning title=condabot::Something could not be judged or done; the log says what."
    code=0
    ;;
*,64,*)
    echo "::error title=condabot::The command has to be update, check, diff or run, with its options."
    code=2
    ;;
esac

{
    echo "changed=$changed"
    echo "title=$(head -n 1 "$title")"
    echo "body<<$mark"
    cat "$body"
    echo
    echo "$mark"
} >>"$GITHUB_OUTPUT"

{
    # A summary has at most a megabyte; so long a fence is in nothing that is said.
    [ "$command" != check ] || echo '````````text'
    head -c 900000 "$body"
    [ "$command" != check ] || printf '\n````````\n'
} >>"$GITHUB_STEP_SUMMARY"
exit "$code"
