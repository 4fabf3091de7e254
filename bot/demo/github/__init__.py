"""A stateful GitHub on localhost, over real bare git repositories.

The demo runs the bot against it and every test uses it: there is one fake, and it is checked. Requests, answers and
webhooks are validated against GitHub's own description of its API (`description/`), which also decides what
an answer looks like. Whatever does not fit is listed in `FakeGitHub.violations`; tests assert that list is empty.

Modules, top to bottom: `server` | `pages`, `protocol` | `rest`, `queries` | `hooks` | `representations` | `state` |
`repository` | `git` | `openapi`, `model`, `errors`. Only `server` needs to be imported from outside.
"""
