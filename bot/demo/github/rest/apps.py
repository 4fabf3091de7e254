"""The App, its installations and their tokens.

https://docs.github.com/en/rest/apps
"""

from collections.abc import Mapping
from dataclasses import replace

from bot.demo.github.auth import create_token, unreachable_repository
from bot.demo.github.errors import not_found
from bot.demo.github.repository import Repository
from bot.demo.github.rest.call import Call, Handler, Reply
from bot.demo.github.state import Installation


def get_app(call: Call) -> Reply:
    """https://docs.github.com/en/rest/apps/apps#get-the-authenticated-app."""
    return Reply(facts=call.show.app() | {"installations_count": len(call.state.installations)})


def list_installations(call: Call) -> Reply:
    """https://docs.github.com/en/rest/apps/apps#list-installations-for-the-authenticated-app."""
    return call.page(list(call.state.installations.values())).reply(call.show.installation)


def get_installation(call: Call) -> Reply:
    """https://docs.github.com/en/rest/apps/apps#get-an-installation-for-the-authenticated-app."""
    return Reply(facts=call.show.installation(call.state.installation(call.number("installation_id"))))


def get_repository_installation(call: Call) -> Reply:
    """https://docs.github.com/en/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app."""
    installation = call.state.installation_of(call.repository)
    if installation is None:
        raise not_found()
    return Reply(facts=call.show.installation(installation))


def get_owner_installation(call: Call) -> Reply:
    """https://docs.github.com/en/rest/apps/apps#get-an-organization-installation-for-the-authenticated-app."""
    login = call.parameters.get("org") or call.parameters["username"]
    for each in call.state.installations.values():
        if each.account.login.lower() == login.lower():
            return Reply(facts=call.show.installation(each))
    raise not_found()


def delete_installation(call: Call) -> Reply:
    """https://docs.github.com/en/rest/apps/apps#delete-an-installation-for-the-authenticated-app."""
    call.state.installation(call.number("installation_id")).remove()
    return Reply(status=204)


def get_hook(call: Call) -> Reply:
    """https://docs.github.com/en/rest/apps/webhooks#get-a-webhook-configuration-for-an-app."""
    where = {"url": call.webhooks.url} if call.webhooks.url else {}
    return Reply(facts={"content_type": "json", "insecure_ssl": "0", "secret": "********"} | where)


def update_hook(call: Call) -> Reply:
    """https://docs.github.com/en/rest/apps/webhooks#update-a-webhook-configuration-for-an-app."""
    call.webhooks.url = call.body.get("url", call.webhooks.url)
    if "secret" in call.body:
        call.state.app = replace(call.state.app, webhook_secret=str(call.body["secret"]).encode())
    return get_hook(call)


def create_access_token(call: Call) -> Reply:
    """https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app."""
    installation = call.state.installation(call.number("installation_id"))
    repositories = _wanted(call, installation)
    token = create_token(call.state, installation, repositories=repositories, permissions=call.body.get("permissions"))
    return Reply(status=201, facts=call.show.token(token, repositories))


def _wanted(call: Call, installation: Installation) -> list[Repository] | None:
    """Return the repositories the token is to be narrowed to; None when the request names none."""
    if not {"repositories", "repository_ids"} & call.body.keys():
        return None
    ids, names = call.body.get("repository_ids", []), call.body.get("repositories", [])
    wanted = [each for each in installation.repositories if each.id in ids or each.name in names]
    if len(wanted) < len(ids) + len(names):
        raise unreachable_repository()
    return wanted


def revoke_access_token(call: Call) -> Reply:
    """https://docs.github.com/en/rest/apps/installations#revoke-an-installation-access-token."""
    del call.state.tokens[call.installation.token.value]
    return Reply(status=204)


def list_repositories(call: Call) -> Reply:
    """https://docs.github.com/en/rest/apps/installations#list-repositories-accessible-to-the-app-installation."""
    repositories = call.installation.repositories()
    page = call.page(repositories)
    facts = {
        "total_count": len(repositories),
        "repository_selection": call.installation.installation.selection,
        "repositories": [call.show.repository(each) for each in page.items],
    }
    return Reply(facts=facts, headers=page.headers)


HANDLERS: Mapping[str, Handler] = {
    "apps/get-authenticated": get_app,
    "apps/list-installations": list_installations,
    "apps/get-installation": get_installation,
    "apps/get-org-installation": get_owner_installation,
    "apps/get-user-installation": get_owner_installation,
    "apps/delete-installation": delete_installation,
    "apps/get-webhook-config-for-app": get_hook,
    "apps/update-webhook-config-for-app": update_hook,
    "apps/get-repo-installation": get_repository_installation,
    "apps/create-installation-access-token": create_access_token,
    "apps/revoke-installation-access-token": revoke_access_token,
    "apps/list-repos-accessible-to-installation": list_repositories,
}
