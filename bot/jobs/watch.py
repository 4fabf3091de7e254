"""Releases wake repositories: channels in use are looked at every few minutes, and who asks for what changed is wanted.

Rules:
1. The first sight of a subdir, or of another form of it, is a baseline and wakes nobody. A name that is gone does not
   either: there is nothing to propose.
2. A channel that does not answer, or not in its format, is remembered with its sentence and asked again later; the
   others go on.
3. Hashes and wants are committed together: a crash in between repeats the look and loses nothing.
4. Who asks for a rare name is wanted at once: at most `batch` repositories for a subdir. All other names roll over the
   polls as waves (`bot.store.waves`), which take up what is left of the `batch` of a poll.

Channels are asked without credentials. One that needs them answers 401 or 403 and is not watched; what is in it is
found by the daily look, which asks with them.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Protocol, Self
from urllib.parse import urlsplit

from bot.datasources.channel_hashes import Form, Seen, SubdirState
from bot.errors import ChannelError
from bot.store.database import Connection, Pool, transacted
from bot.store.subdirs import (
    State,
    WatchedSubdir,
    see_failure,
    see_state,
    see_unchanged,
    subdirs_in_use,
)
from bot.store.wants import Priority, Want, want
from bot.store.waves import Wave, ids_of_names, raise_waves, roll, unaware, waves, who_asks

POLL = timedelta(minutes=5)
AT_ONCE = 8
"""Subdirs that are asked at the same time."""

RARE = 500
"""A name that no more repositories ask for wakes them all at once."""

BATCH = 5_000
"""Repositories that releases wake in one poll: 1,440,000 a day."""

SMALLEST_SHARE = 50
"""Of a batch, for a wave whose turn it is; where there are more waves than that allows, they take turns."""


class Channels(Protocol):
    """A view of channels, in which each is asked afresh (`bot.datasources.channel_hashes`)."""

    def new_session(self) -> Self:
        """Return a view for one poll."""
        ...

    async def newer(self, channel: str, subdir: str, seen: Seen | None) -> SubdirState | None:
        """Return the state of a subdir, None if it is the one that was *seen*."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What a poll came to: subdirs looked at, those that could not be, names that changed, repositories wanted."""

    looked_at: int = 0
    failed: int = 0
    changed: int = 0
    woken: int = 0

    def __add__(self, other: "Watched") -> "Watched":
        return Watched(
            looked_at=self.looked_at + other.looked_at,
            failed=self.failed + other.failed,
            changed=self.changed + other.changed,
            woken=self.woken + other.woken,
        )


async def watch_channels(pool: Pool, channels: Channels, *, batch: int = BATCH) -> Watched:
    """Look once at every channel in use, and want the repositories that ask for what changed. For every `POLL`."""
    view, turn = channels.new_session(), asyncio.Semaphore(AT_ONCE)
    async with pool.connection() as connection:
        in_use = await subdirs_in_use(connection)

    async def look(watched: WatchedSubdir) -> Watched:
        async with turn:
            return await _look(pool, view, watched, batch)

    async with asyncio.TaskGroup() as group:
        looks = [group.create_task(look(watched)) for watched in in_use]
    seen = sum((each.result() for each in looks), Watched())
    return seen + Watched(woken=await _roll_waves(pool, max(batch - seen.woken, SMALLEST_SHARE)))


async def _look(pool: Pool, channels: Channels, watched: WatchedSubdir, batch: int) -> Watched:
    try:
        state = await _newer(channels, watched)
    except ChannelError as error:
        async with pool.connection() as connection:
            await see_failure(connection, watched, str(error))
        return Watched(looked_at=1, failed=1)
    if state is None and not watched.failures:
        return Watched(looked_at=1)
    return await transacted(pool, partial(_see, watched=watched, state=state, batch=batch))


async def _see(connection: Connection, watched: WatchedSubdir, state: SubdirState | None, batch: int) -> Watched:
    if state is None:
        await see_unchanged(connection, watched)
        return Watched(looked_at=1)
    changed = await see_state(connection, watched, _state(state.seen), state.hashes)
    return Watched(looked_at=1, changed=len(changed), woken=await _wake(connection, watched, changed, batch))


async def _newer(channels: Channels, watched: WatchedSubdir) -> SubdirState | None:
    """Return the state of a subdir, None if it is known; one that has lost all of its names is broken."""
    state = await channels.newer(watched.channel, watched.subdir, _seen(watched.seen))
    if state and watched.seen.form and not state.hashes:
        sentence = f"Channel {watched.channel} lists nothing more in {watched.subdir}."
        raise ChannelError(sentence, channel=watched.channel)
    return state


async def _wake(connection: Connection, watched: WatchedSubdir, changed: Collection[str], batch: int) -> int:
    """Want who asks for rare names among *changed*, raise waves for the others; return how many were wanted."""
    concerned: defaultdict[int, list[str]] = defaultdict(list)
    many: list[int] = []
    for name_id, name in await ids_of_names(connection, watched.channel_id, changed):
        found = await who_asks(connection, name_id, watched.subdir, limit=RARE + 1)
        if len(found) > RARE or len(concerned) + len(found) > batch:
            many.append(name_id)
            continue
        for repository_id in found:
            concerned[repository_id].append(name)
    for reason, repository_ids in _by_reason(watched.channel, concerned).items():
        await want(connection, repository_ids, Want(priority=Priority.RELEASE, reason=reason))
    await raise_waves(connection, many, watched.subdir)
    return len(concerned)


async def _roll_waves(pool: Pool, batch: int) -> int:
    """Take waves on by *batch* repositories in all, in equal shares; return how many of these were wanted."""
    async with pool.connection() as connection:
        now_rolling = await waves(connection, limit=max(batch // SMALLEST_SHARE, 1))
    woken = 0
    for wave in now_rolling:
        woken += await transacted(pool, partial(_roll, wave=wave, limit=max(batch // len(now_rolling), 1)))
    return woken


async def _roll(connection: Connection, wave: Wave, limit: int) -> int:
    """Take *wave* on by *limit* repositories; return how many of these were wanted."""
    reached = await roll(connection, wave, limit=limit)
    concerned = await unaware(connection, reached, wave.released_at, POLL)
    reason = _reason(wave.channel, [wave.name])
    await want(connection, concerned, Want(priority=Priority.RELEASE, reason=reason, spread=POLL))
    return len(concerned)


def _by_reason(channel: str, concerned: Mapping[int, Collection[str]]) -> Mapping[str, list[int]]:
    reasons: defaultdict[str, list[int]] = defaultdict(list)
    for repository_id, names in concerned.items():
        reasons[_reason(channel, names)].append(repository_id)
    return reasons


def _reason(channel: str, names: Collection[str]) -> str:
    """Return why a repository is wanted, in words for people."""
    first, *others = names
    more = f" and {len(others)} more" if others else ""
    return f"a release of {first}{more} in {urlsplit(channel).path.strip('/') or channel}"


def _seen(state: State) -> Seen | None:
    return Seen(form=Form(state.form), etag=state.etag, modified=state.modified) if state.form else None


def _state(seen: Seen) -> State:
    return State(form=seen.form, etag=seen.etag, modified=seen.modified)
