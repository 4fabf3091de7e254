"""Use cases on a checkout: check, update. No server, no database, no GitHub."""
