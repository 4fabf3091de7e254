"""Comments below issues and pull requests, and reactions to them.

https://docs.github.com/en/rest/issues/comments, https://docs.github.com/en/rest/reactions/reactions
"""

from collections.abc import Mapping
from datetime import datetime

from bot.demo.github import threads
from bot.demo.github.errors import ApiError, not_found
from bot.demo.github.model import Comment
from bot.demo.github.rest.call import Call, Handler, Reply
from bot.demo.github.threads import AnyThread


def list_comments(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/comments#list-issue-comments: the oldest first."""
    thread = call.thread
    since = datetime.fromisoformat(call.query["since"]) if "since" in call.query else None
    found = [each for each in thread.comments if since is None or each.updated_at >= since]
    return call.page(found).reply(lambda each: call.show.comment(call.repository, thread, each))


def create_comment(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/comments#create-an-issue-comment."""
    thread = call.thread
    comment = threads.comment(call.repository, thread, call.body["body"], call.actor)
    return Reply(status=201, facts=call.show.comment(call.repository, thread, comment))


def get_comment(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/comments#get-an-issue-comment."""
    return Reply(facts=call.show.comment(call.repository, *_comment(call)))


def update_comment(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/comments#update-an-issue-comment."""
    thread, comment = _comment(call)
    threads.edit_comment(call.repository, thread, comment, call.body["body"], call.actor)
    return Reply(facts=call.show.comment(call.repository, thread, comment))


def delete_comment(call: Call) -> Reply:
    """https://docs.github.com/en/rest/issues/comments#delete-an-issue-comment."""
    threads.delete_comment(call.repository, *_comment(call), call.actor)
    return Reply(status=204)


def _comment(call: Call) -> tuple[AnyThread, Comment]:
    found = call.repository.comment(call.number("comment_id"))
    if found is None:
        raise not_found()
    return found


def list_reactions(call: Call) -> Reply:
    """https://docs.github.com/en/rest/reactions/reactions#list-reactions-for-an-issue-comment."""
    _, comment = _comment(call)
    wanted = call.query.get("content")
    return call.page([each for each in comment.reactions if wanted in {None, each.content}]).reply(call.show.reaction)


def create_reaction(call: Call) -> Reply:
    """https://docs.github.com/en/rest/reactions/reactions#create-reaction-for-an-issue-comment: 200 if it was there."""
    _, comment = _comment(call)
    reaction, new = threads.react(call.repository, comment, call.body["content"], call.actor)
    return Reply(status=201 if new else 200, facts=call.show.reaction(reaction))


def delete_reaction(call: Call) -> Reply:
    """https://docs.github.com/en/rest/reactions/reactions#delete-an-issue-comment-reaction: only one's own."""
    _, comment = _comment(call)
    reaction = next((each for each in comment.reactions if each.id == call.number("reaction_id")), None)
    if reaction is None:
        raise not_found()
    if reaction.author != call.actor:
        raise ApiError(403, "Must have admin rights to Repository.")
    comment.reactions.remove(reaction)
    return Reply(status=204)


HANDLERS: Mapping[str, Handler] = {
    "issues/list-comments": list_comments,
    "issues/create-comment": create_comment,
    "issues/get-comment": get_comment,
    "issues/update-comment": update_comment,
    "issues/delete-comment": delete_comment,
    "reactions/list-for-issue-comment": list_reactions,
    "reactions/create-for-issue-comment": create_reaction,
    "reactions/delete-for-issue-comment": delete_reaction,
}
