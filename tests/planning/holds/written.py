"""Manifests as people write them, and what is held in them."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from markdown_it import MarkdownIt

from bot import manifests
from bot.model.manifest import Manifest
from bot.model.pull_request import OpenPullRequest
from bot.planning.holds import Hold, RepositoryFacts, holds_in
from bot.rendering.markdown import plain

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
NO_FACTS = RepositoryFacts()


def environment_yml(*items: str, path: str = "environment.yml", header: str = "", name: str = "") -> Manifest:
    """Return an environment.yml with one line for each of *items*."""
    named = f"name: {name}\n" if name else ""
    lines = "".join(f"  - {item}\n" for item in items)
    return extracted(path, f"{header}{named}channels: [conda-forge]\ndependencies:\n{lines}")


def pixi_toml(feature: str, line: str, *environments: str) -> Manifest:
    """Return a pixi.toml with one *line* in *feature*, and the environments (`name = [features]`) that use it."""
    table = "[dependencies]" if feature == "default" else f"[feature.{feature}.dependencies]"
    declared = "\n".join(environments)
    return extracted("pixi.toml", f"[workspace]\nname = 'here'\n\n{table}\n{line}\n\n[environments]\n{declared}\n")


def locked_project(*items: str, locked: str = "locking_enabled: true\n", specs: str = "") -> Manifest:
    """Return an anaconda-project.yml with one line for each of *items*, and the lock *locked* beside it."""
    lines = "".join(f"  - {item}\n" for item in items)
    manifest = extracted("anaconda-project.yml", f"packages:\n{lines}{specs}")
    return manifests.with_locked_elsewhere(manifest, {"anaconda-project-lock.yml": locked.encode()})


def extracted(path: str, text: str) -> Manifest:
    manifest = manifests.extract(path, text.encode())
    assert manifest is not None
    return manifest


def held(
    manifest: Manifest,
    *,
    facts: RepositoryFacts = NO_FACTS,
    now: datetime = NOW,
    locked: bool = True,
    unmade: Collection[str] = (),
) -> Mapping[str, Hold]:
    """Return what is held in *manifest*, by package."""
    found = holds_in(manifest, facts, now, locked=locked, unmade=unmade)
    return {each.name: found[each.at] for each in manifest.dependencies if each.at in found}


def said(manifest: Manifest, *, facts: RepositoryFacts = NO_FACTS, locked: bool = True) -> Mapping[str, str]:
    """Return the rule and sentence of what is held in *manifest*, by package."""
    return {name: str(hold) for name, hold in held(manifest, facts=facts, locked=locked).items()}


def bump(title: str, *files: str, author: str = "renovate[bot]", branch: str = "") -> RepositoryFacts:
    """Return a repository with one open pull request."""
    pull_request = OpenPullRequest(number=12, author=author, title=title, files=files, branch=branch)
    return RepositoryFacts(open_pull_requests=(pull_request,))


def is_plain_text(sentence: str) -> bool:
    """Tell whether *sentence*, rendered, is one paragraph of nothing but text; what may be a commit is code."""
    tokens = MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(plain(sentence))
    inline = {child.type for token in tokens for child in token.children or ()}
    kinds = [token.type for token in tokens]
    inert = {"text", "text_special", "code_inline"}
    return kinds == ["paragraph_open", "inline", "paragraph_close"] and inline <= inert
