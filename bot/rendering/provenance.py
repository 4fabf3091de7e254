"""Where packages come from and what they may run, for the body of a pull request and for the check beside it.

Every word is a stranger's: what changed is plain text, and links lead only to repositories by https.
"""

from collections.abc import Iterable, Iterator, Sequence

from bot.model.provenance import Attestation, Attested, MovedProvenance, PackageSource, Provenance, ProvenanceChange
from bot.rendering.markdown import block, code, details, plain, table
from bot.rendering.room import PARAGRAPH
from bot.versioning.records import file_name

NOT_STATED = "not stated"
NOTHING = "nothing of its own"
SHOWN_OF_A_HASH = 12
FEW = 3
NAMED = 20
SHOWN = 2
"""Recipes of rebuilds that are shown above the fold, if there are no more."""


def provenance_changes(moved: Iterable[MovedProvenance]) -> str:
    """Return a line for everything that a reviewer should know of, what is alarming first; empty without any."""
    lines = [f"- {_warned(each)}" for each in _changes(moved)]
    return "\n".join(["**Where it comes from has changed:**", "", *lines]) if lines else ""


def is_alarming(moved: Iterable[MovedProvenance]) -> bool:
    """Tell whether something changed that hardly ever does so honestly."""
    return any(each.is_alarming for each in _changes(moved))


def recipe_changes(moved: Iterable[MovedProvenance]) -> tuple[str, str]:
    """Return what differs in the recipes of what was only built again: to be shown, and to be folded; empty if none."""
    rebuilt = [each for each in moved if each.move.is_rebuilt and _recipes(each)]
    changed = [each for each in rebuilt if each.recipe_change]
    same = [each.move.name for each in rebuilt if not each.recipe_change]
    words = [f"**Built again from the same recipe:** {_few(same, NAMED)}."] if same else []
    texts = [f"**Recipe of {_built(each)}:**{PARAGRAPH}{block(each.recipe_change, 'diff')}" for each in changed]
    if len(texts) > SHOWN:
        return PARAGRAPH.join(words), details(f"Recipes that changed ({len(texts)})", PARAGRAPH.join(texts))
    return PARAGRAPH.join([*texts, *words]), ""


def provenance_fold(moved: Sequence[MovedProvenance]) -> str:
    """Return a fold that says of each package where it comes from; empty where nothing of any is known."""
    known = [each for each in moved if each.after]
    if not known:
        return ""
    unread = [each.move.name for each in moved if not each.after]
    rows = [(*_row(each.move.name, each.move.new_version, each.after), _attested(each)) for each in known if each.after]
    header = ("package", "built from", "recipe", "maintainers", "licence files", "may run", "attestation")
    text = table(header, rows)
    rest = f"\n\nNot read: {_few(unread, NAMED)}." if unread else ""
    return details(f"Provenance ({len(known)})", f"{text}{rest}")


def _recipes(moved: MovedProvenance) -> bool:
    """Tell whether the recipes of both builds are known."""
    return all(each and each.recipe_text for each in (moved.before, moved.after))


def _built(moved: MovedProvenance) -> str:
    old, new = (file_name(url) for url in (moved.move.old_url, moved.move.new_url))
    return f"{code(old)} -> {code(new)}"


def _changes(moved: Iterable[MovedProvenance]) -> list[ProvenanceChange]:
    return sorted((change for each in moved for change in each.changes), key=lambda each: not each.is_alarming)


def _warned(change: ProvenanceChange) -> str:
    return f"**{plain(change.sentence)}.**" if change.is_alarming else f"{plain(change.sentence)}."


def _row(name: str, version: str, provenance: Provenance) -> tuple[str, ...]:
    return (
        f"{code(name)} {code(version)}{_build(provenance)}",
        "<br>".join(map(_source, provenance.sources[:FEW])) or NOT_STATED,
        "<br>".join(_recipe(provenance)) or NOT_STATED,
        _few(provenance.maintainers) or NOT_STATED,
        _few(provenance.licenses) or NOT_STATED,
        "<br>".join(_runs(provenance)) or (NOTHING if provenance.lists_files else NOT_STATED),
    )


def _build(provenance: Provenance) -> str:
    return "" if provenance.build_number is None else f", build {provenance.build_number}"


def _source(source: PackageSource) -> str:
    proof = source.sha256 and f"sha256 {code(source.sha256[:SHOWN_OF_A_HASH])}"
    proof = proof or (source.commit and f"commit {code(source.commit[:SHOWN_OF_A_HASH])}") or "no hash"
    patches = f", {len(source.patches)} patches" if source.patches else ""
    return f"{code(source.url)} ({proof}{patches})"


def _attested(moved: MovedProvenance) -> str:
    found = moved.attestation or Attestation(state=Attested.NONE)
    match found.state:
        case Attested.OK:
            return f"{found.state}, by {code(found.signer)}"
        case Attested.UNKNOWN:
            return f"{found.state}: {plain(found.reason)}"
        case Attested.NONE:
            return found.state


def _recipe(provenance: Provenance) -> Iterator[str]:
    if provenance.recipe:
        yield code(provenance.recipe)
    if provenance.feedstock:
        at = f" at {code(provenance.commit[:SHOWN_OF_A_HASH])}" if provenance.commit else ""
        yield f"{code(provenance.feedstock)}{at}"
    if provenance.run:
        yield f"CI run {code(provenance.run)}"


def _runs(provenance: Provenance) -> Iterator[str]:
    kinds = (("scripts", provenance.scripts), ("with python", provenance.startup), ("commands", provenance.commands))
    for words, names in kinds:
        if names:
            yield f"{words}: {_few(names)}"


def _few(names: Sequence[str], most: int = FEW) -> str:
    rest = [f"{len(names) - most} more"] if len(names) > most else []
    return ", ".join([*map(code, names[:most]), *rest])
