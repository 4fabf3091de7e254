"""pixi's `exclude-newer`: what was published after a moment does not count, with exceptions. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.model.manifest import PackageName


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOff:
    """A moment (UTC); `is_fixed` says that it is written as a date or time, not as a span that moves with now."""

    moment: datetime
    is_fixed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """Records that no cut-off keeps out: those of `match_spec`, of `channel` if it is one's URL, up to `until`."""

    name: PackageName
    match_spec: str
    channel: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludeNewer:
    """What a manifest keeps out: of a package its own cut-off counts, else that of its channel, else `every`.

    `channels` are canonical URLs without a final slash. An exemption counts before any cut-off.
    """

    every: CutOff | None = None
    channels: Mapping[str, CutOff] = field(default_factory=dict)
    packages: Mapping[PackageName, CutOff] = field(default_factory=dict)
    exemptions: tuple[Exemption, ...] = ()

    @property
    def has_exceptions(self) -> bool:
        """Whether there is more to it than one moment for everything."""
        return bool(self.channels or self.packages or self.exemptions)

    def of(self, name: PackageName, channel: str = "") -> CutOff | None:
        """Return the cut-off that counts for what *channel* offers as *name*, exemptions aside."""
        return self.packages.get(name) or self.channels.get(channel) or self.every
