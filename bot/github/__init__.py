"""GitHub, as condabot uses it: one token, one repository, one job.

Modules, top to bottom: `auth` | `overview`, `contents`, `commits`, `pulls`, `checks` | `client` | `throttle`,
`etags`, `failures`, `permissions` | `ours` | `model`.

Rules. Ids cross the border, names never: a token is made for one repository id, and GitHub says what it is called.
Every call goes through `client`, the only place that builds a URL. Every failure is a `bot.errors.GitHubError`.
Every write may be repeated: it looks before it creates, or compares before it swaps.
"""
