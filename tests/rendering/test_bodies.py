"""Whatever is in it, a body acts on nothing, has room, and has its own folds, table and box alone."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.manifest import Datasource, PackageName, PlatformName
from bot.model.project import Project, Projects, UpstreamRelease
from bot.model.provenance import (
    Attestation,
    Attested,
    MovedArchive,
    MovedProvenance,
    PackageSource,
    Provenance,
    ProvenanceChange,
)
from bot.model.pull_request import REBUILD_MARKER
from bot.model.update import BranchPlan, FloorChange, HeldBack, Mention, Proposal
from bot.rendering.links import GITHUB, UNTOLD
from bot.rendering.pull_request import DOCUMENTATION, Told, body
from tests.rendering.github import effects
from tests.rendering.proposals import BASE, NOW, change, diff, proposal, update
from tests.rendering.test_foreign_markdown import ATTACKS, hostile

FOLD: Final = re.compile(r"html_block <(?:/details>\s*|details><summary>[\w .()-]*</summary>\s*)")
BOX: Final = re.compile(rf"html_inline {re.escape(REBUILD_MARKER)}")
LINK: Final = re.compile(r"link_open \{'href': 'https://([a-z0-9.-]+)(/[^']*)?'\}")
BOXES: Final = re.compile(rf"^[ >]*[-*+] +\[([ xX])\] *{re.escape(REBUILD_MARKER)}", re.MULTILINE)
CLOSED: Final = "link_close "
TELLING: Final = re.compile(r"/[^/]+/[^/]+/(?:issues?|pulls?|discussions|commits?)/")

text = st.sampled_from(ATTACKS) | hostile
versions = st.sampled_from(("1.0", "2.0", "1.0.0", "5f2d1c9aa0", "20260704"))


@st.composite
def proposals(draw: st.DrawFn) -> Proposal:
    """Return a proposal in which nothing that people or channels say can be trusted."""
    name = draw(text | st.just("tool"))
    one = update(
        name,
        draw(versions),
        draw(versions),
        spec=(draw(text), draw(text)),
        comment=draw(text),
        environments=tuple(draw(st.lists(text, max_size=3))),
        workspaces=tuple(draw(st.lists(text, max_size=3))),
        built=draw(st.none() | st.just(datetime(2026, 1, 1, tzinfo=UTC))),
    )
    moved = change(draw(text), draw(versions), draw(versions), direct=draw(st.booleans()))
    changes = (moved, change(name, "1.0", "2.0", licences=(draw(text), draw(text))))
    held = HeldBack(name=PackageName(draw(text)), current="1", release="2", sentence=draw(text), solver_text=draw(text))
    return replace(
        proposal(one, diffs=[diff(draw(text), draw(text), *changes)], held_back=[held]),
        plan=BranchPlan(key="x", updates=(one,), reasons=(draw(text),)),
        developed=(PackageName(draw(text)),),
        mentions=(Mention(name=PackageName(draw(text)), path=draw(text), line=1, spec=draw(text), reason=draw(text)),),
        floors=(
            FloorChange(
                lock="", environment=draw(text), platform=PlatformName("p"), name=draw(text), old=None, new="1"
            ),
        ),
    )


@st.composite
def known(draw: st.DrawFn, of: Proposal) -> Projects:
    url = st.sampled_from(("https://tool.example", "https://github.com/tool/tool", "https://github.com/a/b/issues/1"))
    releases = st.builds(
        UpstreamRelease,
        tag=st.sampled_from(("v1.0", "v2.0", "tool-1.5")) | text,
        notes=text,
        is_prerelease=st.booleans(),
    )
    project = Project(
        page=draw(url | text), repository=draw(url | text), releases=tuple(draw(st.lists(releases, max_size=4)))
    )
    return {(Datasource.CONDA, each.name): project for each in of.plan.updates}


@settings(max_examples=150)
@given(st.data(), st.integers(1_000, 60_000))
def test_a_body_acts_on_nothing(data: st.DataObject, longest: int) -> None:
    one = data.draw(proposals())
    told = Told(base=BASE, now=NOW, projects=data.draw(known(one)), has_box=True)

    written = body(one, told, longest)

    assert len(written) <= longest
    assert [each for each in map(judged, effects(written)) if each] == []
    folds = [each for each in effects(written) if each.startswith("html_block")]
    assert len(folds) % 2 == 0
    assert all("<details>" in each for each in folds[::2])
    assert all("</details>" in each for each in folds[1::2])
    assert [each[1] for each in BOXES.finditer(written)] == [" "]
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", written)


@pytest.mark.parametrize("attack", ATTACKS)
def test_where_packages_come_from_acts_on_nothing(attack: str) -> None:
    source = PackageSource(url=attack, sha256=attack, patches=(attack,))
    told = Provenance(
        sources=(source,),
        recipe=attack,
        feedstock=attack,
        commit=attack,
        run=attack,
        recipe_text=attack,
        maintainers=(attack,),
        scripts=(attack,),
        startup=(attack,),
        commands=(attack,),
        licenses=(attack,),
    )
    url = f"https://conda.example/{attack}"
    move = MovedArchive(name=PackageName(attack), old_version="1", new_version="1", old_url=url, new_url=url)
    origins = [
        MovedProvenance(
            move=move,
            before=told,
            after=told,
            changes=(ProvenanceChange(sentence=attack),),
            recipe_change=f"+{attack}",
            attestation=Attestation(state=state, signer=attack, reason=attack),
        )
        for state in Attested
    ]

    for some in (origins, origins[:1]):
        written = body(proposal(update("tool", "1", "2")), Told(base=BASE, now=NOW, origins=tuple(some)), 60_000)
        assert {each for each in map(judged, effects(written)) if each} <= {"html_inline <br>"}


def judged(effect: str) -> str:
    """Return *effect* unless it is one that a body may have."""
    found = LINK.fullmatch(effect)
    if effect == CLOSED or FOLD.fullmatch(effect) or BOX.fullmatch(effect) or DOCUMENTATION in effect:
        return ""
    if found and (found[1] not in GITHUB or found[1] == UNTOLD or not TELLING.match(found[2] or "")):
        return ""
    return effect
