"""What changed between two builds of a package in where it comes from and what it may run.

What is not stated in one of them is no change: nothing is known then. What is hardly ever honest is alarming: sources
that somebody else has now, and another archive under the version that was there already.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from bot.model.provenance import Attestation, Attested, MovedArchive, Provenance, ProvenanceChange

FEW: Final = 5
BOTH: Final = 2


def changes(move: MovedArchive, before: Provenance | None, after: Provenance | None) -> tuple[ProvenanceChange, ...]:
    """Return what a reviewer should know of, what is alarming first."""
    found = [*_in_channel(move), *_in_identity(move, after)]
    if before is not None and after is not None:
        found += [
            *_in_sources(move, before, after),
            *_in_recipe(move, before, after),
            *_in_scripts(move, before, after),
        ]
    return tuple(sorted(found, key=lambda each: not each.is_alarming))


def attestation_changes(move: MovedArchive, attested: Sequence[Attestation]) -> tuple[ProvenanceChange, ...]:
    """Return what changed in who published a package, before and after; nothing where nobody looked."""
    if len(attested) < BOTH:
        return ()
    before, after = attested
    sentence = ""
    if after.state is Attested.OK and before.state is Attested.OK and after.signer != before.signer:
        sentence = f"{move.name} is attested by {after.signer} now; it was by {before.signer}"
    elif after.state is Attested.NONE and before.state is Attested.OK:
        sentence = f"{move.name} was attested by {before.signer} and is not attested any more"
    elif after.state is Attested.UNKNOWN and before.state is not Attested.UNKNOWN:
        sentence = f"it is not known who published {move.name}: {after.reason}"
    return (ProvenanceChange(sentence=sentence.rstrip(".")),) if sentence else ()


def _in_channel(move: MovedArchive) -> Iterator[ProvenanceChange]:
    if move.becomes_binary:
        yield ProvenanceChange(sentence=f"{move.name} was noarch and is a binary for each platform now")
    if move.new_needs:
        yield ProvenanceChange(sentence=f"{move.name} needs {_named(move.new_needs)}, which it did not need before")


def _in_identity(move: MovedArchive, after: Provenance | None) -> Iterator[ProvenanceChange]:
    """Yield that the archive is another package than it is listed as: its name is name, version and build."""
    listed = move.new_url.rpartition("/")[2].removesuffix(".conda").removesuffix(".tar.bz2")
    if after and after.identity and listed and after.identity != listed:
        sentence = f"the archive of {move.name} is listed as {listed} and says of itself that it is {after.identity}"
        yield ProvenanceChange(sentence=sentence, is_alarming=True)


def _in_sources(move: MovedArchive, before: Provenance, after: Provenance) -> Iterator[ProvenanceChange]:
    moved = after.hosts - before.hosts
    if before.hosts and moved:
        come, were = _named(sorted(moved)), _named(sorted(before.hosts))
        yield ProvenanceChange(
            sentence=f"the source of {move.name} comes from {come}; it came from {were}", is_alarming=True
        )
    if move.is_rebuilt:
        hashes = {each.url: each.sha256 for each in before.sources if each.sha256}
        for each in after.sources:
            if each.sha256 and hashes.get(each.url, each.sha256) != each.sha256:
                words = (
                    f"the source of {move.name} {move.new_version} has another SHA-256 than before under the same URL"
                )
                yield ProvenanceChange(sentence=words, is_alarming=True)


def _in_recipe(move: MovedArchive, before: Provenance, after: Provenance) -> Iterator[ProvenanceChange]:
    if added := _added(_patches(before), _patches(after)):
        yield ProvenanceChange(sentence=f"{move.name} is patched by {_named(added)}, which is new")
    if before.maintainers and after.maintainers and set(before.maintainers).isdisjoint(after.maintainers):
        words = f"the maintainers of {move.name} were all replaced: {_named(after.maintainers)} now"
        yield ProvenanceChange(sentence=words)
    if before.feedstock and after.feedstock and before.feedstock != after.feedstock:
        yield ProvenanceChange(sentence=f"{move.name} is built by {after.feedstock} now; it was by {before.feedstock}")


def _in_scripts(move: MovedArchive, before: Provenance, after: Provenance) -> Iterator[ProvenanceChange]:
    if not (before.lists_files and after.lists_files):
        return
    kinds = (
        ("runs new scripts when it is linked or activated", before.scripts, after.scripts),
        ("has new files that run with every python", before.startup, after.startup),
        ("has new commands", before.commands, after.commands),
    )
    for words, old, new in kinds:
        if added := _added(old, new):
            yield ProvenanceChange(sentence=f"{move.name} {words}: {_named(added)}")


def _patches(provenance: Provenance) -> tuple[str, ...]:
    return tuple(patch for each in provenance.sources for patch in each.patches)


def _added(old: Iterable[str], new: Iterable[str]) -> tuple[str, ...]:
    known = set(old)
    return tuple(each for each in new if each not in known)


def _named(names: Iterable[str]) -> str:
    every = list(names)
    rest = [f"{len(every) - FEW} more"] if len(every) > FEW else []
    return ", ".join([*every[:FEW], *rest])
