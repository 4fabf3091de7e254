"""When something that is done for the whole App was done last."""

from datetime import datetime

from bot.store.database import Connection

MARK = """
INSERT INTO mark (name, at) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET at = excluded.at
"""


async def marked_at(connection: Connection, name: str) -> datetime | None:
    """Return the moment up to which *name* was done, None if it never was."""
    row = await (await connection.execute("SELECT at FROM mark WHERE name = %s", (name,))).fetchone()
    return row[0] if row else None


async def mark(connection: Connection, name: str, moment: datetime) -> None:
    """Record that *name* was done up to *moment*."""
    await connection.execute(MARK, (name, moment))
