"""GitHub, as condabot uses it: one token, one repository, one job.

Modules, top to bottom: `installations`, `deliveries` | `auth` | `pulls` | `overview`, `contents`, `commits`,
`comments`, `checks` | `references`, `lookup` | `client` | `calls` | `retrying`, `api` | `throttle`, `etags`,
`failures` | `limits`, `permissions`, `recent` | `ours` | `model`.

Rules. Ids cross the border, names never: a token is made for one repository id, and GitHub says what it is called.
Every call goes through `calls`, the only place that builds a URL. Every failure is a `bot.errors.GitHubError`.
Every write may be repeated: it looks before it creates, or compares before it swaps. What may have been done is never
asked for again without a look.
"""
