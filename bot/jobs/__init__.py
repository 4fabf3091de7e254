"""Use cases on GitHub and the queue that runs them.

Modules, top to bottom: `worker` | `attempt`, `rescue` | `queue`, `lease` | `requests`, `report`.

Jobs carry two ids and no decision. One at a time runs for a repository (`lock`) and one more may wait
(`queueing_lock`): a hundred pushes are one scan, a push during a scan is exactly one more. Nothing is ever delayed on
the lock of a repository and no task has `retry=`, since either would block that lock: what is to be done later stands
as a due time in `bot.store.repositories`.
"""
