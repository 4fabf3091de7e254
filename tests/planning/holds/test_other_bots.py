"""Open pull requests of Renovate and Dependabot."""

import pytest

from bot.planning.holds import RepositoryFacts
from tests.planning.holds.written import bump, environment_yml, held

FILE = "ci/environment.yml"

PROPOSED = {
    "Renovate": bump("Update dependency numpy to v2.5.1", FILE),
    "Renovate, in a semantic style": bump("chore(deps): update dependency numpy to v2", FILE, "pixi.lock"),
    "Renovate, a pin": bump("Pin dependency numpy to 1.26.4", FILE),
    "Renovate under its own name": bump("Update numpy to v2", FILE, author="acme-renovate[bot]"),
    "Renovate on a server of one's own": bump("Update numpy to v2", FILE, author="renovate-bot"),
    "Dependabot": bump("Bump numpy from 1.26 to 2.5 in /ci", FILE, author="dependabot[bot]"),
    "Dependabot, as GraphQL calls it": bump("build(deps): bump numpy from 1.26 to 2.5", FILE, author="dependabot"),
    "Dependabot, two packages": bump("Bump scipy and numpy in /ci", FILE, author="dependabot[bot]"),
    "Renovate with somebody's token": bump("Update numpy to v2", FILE, author="acme-ci", branch="renovate/numpy-2.x"),
    "without a version": bump("Update NumPy", FILE),
}


@pytest.mark.parametrize("facts", PROPOSED.values(), ids=PROPOSED)
def test_what_another_bot_proposes_is_left_to_it(facts: RepositoryFacts) -> None:
    hold = held(environment_yml("numpy=1.26", path=FILE), facts=facts)["numpy"]

    assert (hold.rule, hold.scope) == ("already-proposed", "all")
    name = "dependabot" if "dependabot" in facts.open_pull_requests[0].author else "renovate"
    assert hold.sentence == f"pull request 12 of {name} is open for it"


NOT_PROPOSED = {
    "it changes another file": bump("Update dependency numpy to v2.5.1", "docs/environment.yml"),
    "it moves another package": bump("Update dependency numpydoc to v2", FILE),
    "a person opened it from a branch of their own": bump(
        "Update numpy to v2", FILE, author="me", branch="renovates/x"
    ),
    "a person opened it": bump("Update dependency numpy to v2.5.1", FILE, author="somebody"),
    "it is a group's": bump("Bump the numpy group with 3 updates", FILE, author="dependabot[bot]"),
    "it names a directory": bump("Bump scipy from 1.11 to 1.12 in /numpy", FILE, author="dependabot[bot]"),
    "it proposes nothing": bump("Configure Renovate for numpy", FILE),
}


@pytest.mark.parametrize("facts", NOT_PROPOSED.values(), ids=NOT_PROPOSED)
def test_a_pull_request_holds_nothing_if(facts: RepositoryFacts) -> None:
    assert held(environment_yml("numpy=1.26", path=FILE), facts=facts) == {}
