"""pixi's `exclude-newer`: the moment after which nothing that was published counts, with its exceptions.

Forms: https://pixi.sh/latest/reference/pixi_manifest/#exclude-newer-optional — a time (RFC 3339), a date, which means
the end of that day in UTC, or a span before now as humantime writes it (`7d`, `1h 30m`, `2 weeks`).
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from bot.errors import ManifestError
from bot.model.exclude_newer import CutOff, ExcludeNewer, Exemption
from bot.model.manifest import ChannelReference, Datasource, Manifest, PackageName, WrittenExemption
from bot.versioning.match_spec import solver_spec
from bot.workspaces.channels import ResolveChannel, resolved_channels

_PART: Final = re.compile(r"([0-9]{1,6})\s*([a-zA-Z]+)\s*")
_SPAN: Final = re.compile(rf"(?:{_PART.pattern})+")
_UNITS: Final = {
    timedelta(seconds=1): ("s", "sec", "secs", "second", "seconds"),
    timedelta(minutes=1): ("m", "min", "mins", "minute", "minutes"),
    timedelta(hours=1): ("h", "hr", "hrs", "hour", "hours"),
    timedelta(days=1): ("d", "day", "days"),
    timedelta(weeks=1): ("w", "wk", "wks", "week", "weeks"),
    timedelta(days=30.44): ("M", "month", "months"),
    timedelta(days=365.25): ("y", "yr", "yrs", "year", "years"),
}
_LENGTHS: Final = {word: length for length, words in _UNITS.items() for word in words}


def conda_exclude_newer(
    manifest: Manifest, channels: Iterable[ChannelReference], resolve: ResolveChannel, now: datetime
) -> ExcludeNewer:
    """Return what *manifest* keeps out of conda packages in an environment of *channels*, in their order.

    Raises:
        ManifestError: a cut-off is none, or a channel is none or must not be called.

    """
    declarations = manifest.declarations
    of_channels: dict[str, CutOff | None] = {}
    for each in channels:
        cut_off_there = _read(manifest, each.exclude_newer, now, each.line)
        for channel in resolved_channels(manifest.path, [each], resolve):
            of_channels.setdefault(channel.url, cut_off_there)
    return ExcludeNewer(
        every=_read(manifest, declarations.exclude_newer, now),
        channels={url: each for url, each in of_channels.items() if each},
        packages=_of_packages(manifest, Datasource.CONDA, now),
        exemptions=tuple(
            exemption
            for each in declarations.exclude_newer_exemptions
            if each.datasource is Datasource.CONDA
            for exemption in _exemptions(manifest, each, resolve, now)
        ),
    )


def pypi_exclude_newer(manifest: Manifest, now: datetime) -> ExcludeNewer:
    """Return what *manifest* keeps out of PyPI packages.

    Raises:
        ManifestError: a cut-off is none.

    """
    declarations = manifest.declarations
    every = _read(manifest, declarations.pypi_exclude_newer, now) or _read(manifest, declarations.exclude_newer, now)
    exempt = [each for each in declarations.exclude_newer_exemptions if each.datasource is Datasource.PYPI]
    return ExcludeNewer(
        every=every,
        packages=_of_packages(manifest, Datasource.PYPI, now),
        exemptions=tuple(
            Exemption(name=each.match_spec.name, match_spec=each.match_spec.name, until=_until(manifest, each, now))
            for each in exempt
        ),
    )


def cut_off(written: str, now: datetime) -> datetime:
    """Return the moment, in UTC, that *written* means at *now*.

    Raises:
        ValueError: it is neither a time, nor a date, nor a span.

    """
    try:
        return _moment(written.strip(), now)
    except OverflowError as error:
        raise ValueError("outside the years that there are") from error


def is_fixed(written: str | None) -> bool:
    """Tell whether *written* is a date or a time, which stays, rather than a span, which moves with now."""
    return written is not None and _SPAN.fullmatch(written.strip()) is None


def _read(manifest: Manifest, written: str | None, now: datetime, line: int | None = None) -> CutOff | None:
    if written is None:
        return None
    try:
        return CutOff(moment=cut_off(written, now), is_fixed=is_fixed(written))
    except ValueError as error:
        sentence = f"{written!r} is neither a time, nor a date such as 2026-01-31, nor a span such as 7d"
        where = line or manifest.declarations.line_of("exclude-newer")
        raise ManifestError(sentence, path=manifest.path, line=where, key="exclude-newer") from error


def _of_packages(manifest: Manifest, datasource: Datasource, now: datetime) -> dict[PackageName, CutOff]:
    written = [each for each in manifest.declarations.package_exclude_newer if each[0] is datasource]
    return {name: found for _, name, text in written if (found := _read(manifest, text, now))}


def _exemptions(
    manifest: Manifest, written: WrittenExemption, resolve: ResolveChannel, now: datetime
) -> Iterable[Exemption]:
    """Yield what *written* means: an exemption for each channel that it names, or for all channels."""
    spec = written.match_spec
    for url in _urls(manifest, spec.channel, resolve) if spec.channel else [""]:
        yield Exemption(
            name=spec.name,
            match_spec=solver_spec(replace(spec, channel=None)),
            channel=url,
            until=_until(manifest, written, now),
        )


def _urls(manifest: Manifest, channel: str, resolve: ResolveChannel) -> list[str]:
    return [each.url for each in resolved_channels(manifest.path, [ChannelReference(name=channel)], resolve)]


def _until(manifest: Manifest, written: WrittenExemption, now: datetime) -> datetime | None:
    """Return until when an exempt release may be published; `now` means just that."""
    if written.cut_off == "now":
        return now
    found = _read(manifest, written.cut_off, now)
    return found.moment if found else None


def _moment(text: str, now: datetime) -> datetime:
    if _SPAN.fullmatch(text):
        return _before(text, now)
    if len(text) == len("2026-01-31"):
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC) + timedelta(days=1)
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def _before(span: str, now: datetime) -> datetime:
    parts = _PART.findall(span)
    if unknown := sorted({unit for _, unit in parts} - _LENGTHS.keys()):
        raise ValueError(f"unknown units of time: {', '.join(unknown)}")
    return now - sum((int(count) * _LENGTHS[unit] for count, unit in parts), timedelta())
