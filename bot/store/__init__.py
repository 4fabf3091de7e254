"""PostgreSQL: what is remembered between jobs, and the server that is there when the operator names none.

`embedded` a server in the data directory | `database` connections | `migrate` the schema, applied once in order |
`deliveries` webhooks received | `repositories` where the App is installed and what is due | `runs` what jobs did |
`names` what repositories ask for | `subdirs`, `waves` what channels had last, and whom a release wakes | `locked` what
locks hold.
Functions take a connection: whoever calls them owns the transaction. Losing all of it loses nothing but time.
"""
