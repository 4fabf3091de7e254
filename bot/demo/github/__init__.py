"""A stateful GitHub on localhost, over real bare git repositories.

The demo runs the bot against it and every test uses it: there is one fake, and it is checked. Requests, answers and
webhooks are validated against GitHub's own description of its API (`description/`), which also decides what
an answer looks like. Whatever does not fit is listed in `FakeGitHub.violations`; tests assert that list is empty.

Modules, top to bottom: `server` | `owner`, `person`, `other_app` (who acts here) | `pages`, `web_flow`, `protocol` |
`rest`, `graphql` | `hooks`, `payloads` | `representations` | `auth`, `state` | `checks`, `merge_queue`, `threads` |
`merging`, `refs`, `pull_requests` | `repository` | `git` | `openapi`, `model`, `errors`. Tests come in by `server`, and
take from `faults`, `hooks` and `model` what they tell it.
"""
