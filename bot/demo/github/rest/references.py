"""Git references.

https://docs.github.com/en/rest/git/refs
"""

from collections.abc import Mapping

from bot.demo.github import refs
from bot.demo.github.errors import ApiError, RefRejectedError, not_found
from bot.demo.github.model import ZERO_OID
from bot.demo.github.repository import RefUpdate
from bot.demo.github.rest.call import Call, Handler, Reply


def get_reference(call: Call) -> Reply:
    """https://docs.github.com/en/rest/git/refs#get-a-reference: only the exact name."""
    name = f"refs/{call.parameters['ref']}"
    oid = call.repository.git.target(name)
    if oid is None:
        raise not_found()
    return Reply(facts=call.show.reference(call.repository, name, oid))


def list_matching_references(call: Call) -> Reply:
    """https://docs.github.com/en/rest/git/refs#list-matching-references: every name that begins so, in one answer."""
    found = call.repository.git.references(f"refs/{call.parameters['ref']}")
    return Reply(facts=[call.show.reference(call.repository, name, oid) for name, oid in found.items()])


def create_reference(call: Call) -> Reply:
    """https://docs.github.com/en/rest/git/refs#create-a-reference."""
    name, oid = call.body["ref"], call.body["sha"]
    if call.repository.git.target(name):
        raise ApiError(422, "Reference already exists")
    _move(call, RefUpdate(name=name, before=ZERO_OID, after=oid))
    return Reply(status=201, facts=call.show.reference(call.repository, name, oid))


def update_reference(call: Call) -> Reply:
    """https://docs.github.com/en/rest/git/refs#update-a-reference: forced, it cannot compare and swap."""
    name, oid = f"refs/{call.parameters['ref']}", call.body["sha"]
    if call.repository.git.target(name) is None:
        raise ApiError(422, "Reference does not exist")
    _move(call, RefUpdate(name=name, after=oid, force=bool(call.body.get("force"))))
    return Reply(facts=call.show.reference(call.repository, name, oid))


def delete_reference(call: Call) -> Reply:
    """https://docs.github.com/en/rest/git/refs#delete-a-reference."""
    _move(call, RefUpdate(name=f"refs/{call.parameters['ref']}", after=ZERO_OID))
    return Reply(status=204)


def _move(call: Call, update: RefUpdate) -> None:
    try:
        refs.update(call.repository, [update], call.actor)
    except RefRejectedError as error:
        raise ApiError(422, str(error)) from error


HANDLERS: Mapping[str, Handler] = {
    "git/get-ref": get_reference,
    "git/list-matching-refs": list_matching_references,
    "git/create-ref": create_reference,
    "git/update-ref": update_reference,
    "git/delete-ref": delete_reference,
}
