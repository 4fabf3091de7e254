"""What people see of the App when they have signed in to it, and registering it.

https://docs.github.com/en/rest/users/users, https://docs.github.com/en/rest/apps/installations
"""

from collections.abc import Mapping

from bot.demo.github.auth import UserCredential
from bot.demo.github.errors import ApiError, not_found
from bot.demo.github.model import Account
from bot.demo.github.repository import Repository
from bot.demo.github.rest.call import Call, Handler, Reply
from bot.demo.github.state import Installation


def _login(call: Call) -> str:
    if not isinstance(call.credential, UserCredential):
        raise ApiError(401, "Requires authentication")  # pragma: no cover - the dispatcher has asked before
    return call.credential.login


def get_user(call: Call) -> Reply:
    """https://docs.github.com/en/rest/users/users#get-the-authenticated-user."""
    return Reply(facts=call.show.account(Account(login=_login(call))))


def get_user_by_name(call: Call) -> Reply:
    """https://docs.github.com/en/rest/users/users#get-a-user."""
    login, bot = call.parameters["username"], call.state.app.bot
    return Reply(facts=call.show.account(bot if login == bot.login else Account(login=login)))


def list_installations(call: Call) -> Reply:
    """https://docs.github.com/en/rest/apps/installations#list-app-installations-accessible-to-the-user-access-token."""
    login = _login(call)
    found = [each for each in call.state.installations.values() if _seen(each, login)]
    page = call.page(found)
    shown = [call.show.installation(each) for each in page.items]
    return Reply(facts={"total_count": len(found), "installations": shown}, headers=page.headers)


def list_repositories(call: Call) -> Reply:
    """https://docs.github.com/en/rest/apps/installations#list-repositories-accessible-to-the-user-access-token."""
    login = _login(call)
    installation = call.state.installation(call.number("installation_id"))
    seen = _seen(installation, login)
    if not seen:
        raise not_found()
    page = call.page(seen)
    shown = [call.show.repository(each) | {"permissions": _permissions(each, login)} for each in page.items]
    facts = {"total_count": len(seen), "repository_selection": installation.selection, "repositories": shown}
    return Reply(facts=facts, headers=page.headers)


def _seen(installation: Installation, login: str) -> list[Repository]:
    """Return the repositories of an installation in which the person has a role of their own."""
    return [each for each in installation.repositories if each.is_collaborator(login) and each.role(login) != "none"]


def _permissions(repository: Repository, login: str) -> dict[str, bool]:
    order = ("pull", "triage", "push", "maintain", "admin")
    roles = ("read", "triage", "write", "maintain", "admin")
    reached = roles.index(repository.role(login))
    return {name: index <= reached for index, name in enumerate(order)}


def convert_manifest(call: Call) -> Reply:
    """https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest."""
    made = call.state.manifests.convert(call.parameters["code"], call.state.next_id(), call.state.now())
    if made is None:
        raise not_found()
    call.state.app = made.app
    call.state.events = made.events
    call.webhooks.url = made.hook_url or None
    secrets = {
        "client_secret": made.app.client_secret,
        "webhook_secret": made.app.webhook_secret.decode(),
        "pem": made.pem,
    }
    return Reply(status=201, facts=call.show.app() | {"permissions": dict(made.permissions)} | secrets)


HANDLERS: Mapping[str, Handler] = {
    "users/get-authenticated": get_user,
    "users/get-by-username": get_user_by_name,
    "apps/list-installations-for-authenticated-user": list_installations,
    "apps/list-installation-repos-for-authenticated-user": list_repositories,
    "apps/create-from-manifest": convert_manifest,
}
