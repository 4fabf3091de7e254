"""What can be had of a wanted pull request, found by solving."""

from datetime import timedelta

from bot.model.manifest import PackageName
from bot.model.solve import NotSolved, Solution, SolveRequest, SolveResult, Unsolvable
from bot.planning.baseline import Baseline
from bot.planning.candidates import Candidate
from bot.planning.groups import Wanted, at_once, group
from bot.planning.outlook import conda_outlooks
from bot.planning.policy import Policy
from bot.planning.search import Found, search
from tests.planning.toy import LINUX, MACOS, NOW, ToyChannel, asks_for, baseline, lookups, record, run, unit

BOTH = (LINUX, MACOS)


def candidates(channel: ToyChannel, *baselines: Baseline) -> tuple[Candidate, ...]:
    outlooks = conda_outlooks(baselines, lookups(channel, *baselines), Policy(), NOW)
    return tuple(candidate for each in outlooks for candidate in each.candidates)


def found(channel: ToyChannel, *baselines: Baseline) -> Found:
    """Everything at once, as `condabot update` asks."""
    return run(search(at_once(candidates(channel, *baselines), "all")), channel)


def moved(result: Found) -> dict[str, str]:
    return {update.name: update.target.version for update in result.plan.updates}


def test_the_newest_release_is_taken_where_everything_solves() -> None:
    channel = ToyChannel(records=(record("numpy", "1.26.4"), record("numpy", "2.3.1")))
    here = baseline(unit(asks_for("numpy", ">=1.26,<2")), record("numpy", "1.26.4"))

    result = found(channel, here)

    assert moved(result) == {"numpy": "2.3.1"}
    assert [change.new for change in result.plan.updates[0].changes] == [">=2.3,<3"]
    assert [each.version for each in result.solutions[here.unit]] == ["2.3.1"]
    assert result.held_back == ()


def test_a_release_that_another_pin_forbids_gives_way_to_the_newest_that_solves_and_says_why() -> None:
    numba = record("numba", "0.64.0", "numpy >=1.22,<2.5")
    numpy = [record("numpy", version) for version in ("2.3.1", "2.4.6", "2.5.2")]
    channel = ToyChannel(records=(numba, *numpy))
    here = baseline(unit(asks_for("numpy", ">=2.3,<3"), asks_for("numba", "0.64.*", line=7)), numba, numpy[0])

    result = found(channel, here)

    assert moved(result) == {"numpy": "2.4.6"}
    (held,) = result.held_back
    assert (held.name, held.current, held.release) == ("numpy", "2.4.6", "2.5.2")
    assert held.sentence == (
        "numpy 2.5.2 does not solve in 'default' on linux-64: "
        "numba 0.64.0 needs numpy >=1.22,<2.5, and pixi.toml:7 asks for numba 0.64.*"
    )
    assert [blocker.name for blocker in held.blockers] == ["numba"]
    assert held.solver_text == ""


def test_a_pull_request_says_what_the_solver_said_of_what_stays_behind() -> None:
    numba = record("numba", "0.64.0", "numpy >=1.22,<2.5")
    numpy = [record("numpy", version) for version in ("2.3.1", "2.4.6", "2.5.2")]
    channel = ToyChannel(records=(numba, *numpy))
    here = baseline(unit(asks_for("numpy", ">=2.3,<3"), asks_for("numba", "0.64.*")), numba, numpy[0])

    (wanted,) = group(candidates(channel, here), Policy(), {})
    (held,) = run(search(wanted), channel).held_back

    assert held.solver_text == "nothing provides it all"


def test_the_record_that_would_be_there_is_quoted_and_not_the_one_in_use() -> None:
    numba = [record("numba", "0.63.1", "numpy <2.4"), record("numba", "0.66.0", "numpy <2.5")]
    numpy = [record("numpy", version) for version in ("2.3.1", "2.4.6", "2.5.2")]
    here = baseline(unit(asks_for("numpy", ">=2.3,<3"), asks_for("numba", ">=0.63,<0.67", line=9)), numba[0], numpy[0])
    channel = ToyChannel(records=(*numba, *numpy))

    wanted = [each for each in candidates(channel, here) if each.name == "numpy"]
    result = run(search(Wanted(key="numpy", candidates=tuple(wanted))), channel)

    assert moved(result) == {"numpy": "2.4.6"}
    assert result.held_back[0].sentence.endswith(
        ": numba 0.66.0 needs numpy <2.5, and pixi.toml:9 asks for numba >=0.63,<0.67"
    )


def test_what_the_release_needs_of_a_blocker_is_quoted() -> None:
    old, new = record("sklearn", "1.8.0"), record("sklearn", "1.9.0", "narwhals >=2.0.1")
    narwhals = [record("narwhals", "1.9.0"), record("narwhals", "2.1.0")]
    channel = ToyChannel(records=(old, new, *narwhals))
    here = baseline(unit(asks_for("sklearn", ">=1.8,<2"), asks_for("narwhals", "1.*", line=31)), old, narwhals[0])

    wanted = [each for each in candidates(channel, here) if each.name == "sklearn"]
    result = run(search(Wanted(key="non-major", candidates=tuple(wanted))), channel)

    assert moved(result) == {}
    assert result.held_back[0].sentence.endswith(
        "sklearn 1.9.0 needs narwhals >=2.0.1, and pixi.toml:31 asks for narwhals 1.*"
    )


def test_a_release_that_one_platform_cannot_have_is_lowered_for_all_of_them() -> None:
    numpy = [record("numpy", version) for version in ("2.3.1", "2.4.6")]
    newest = [record("numpy", "2.5.2", subdir=LINUX), record("numpy", "2.5.2", "libmac >=2", subdir=MACOS)]
    channel = ToyChannel(records=(*numpy, *newest, record("libmac", "1.0")))
    asked = asks_for("numpy", ">=2.3,<3", subdirs=BOTH)
    units = [baseline(unit(asked, subdir=subdir), numpy[0]) for subdir in BOTH]

    result = found(channel, *units)

    assert moved(result) == {"numpy": "2.4.6"}
    assert {each.version for records in result.solutions.values() for each in records} == {"2.4.6"}


def test_no_neighbour_is_lowered_and_the_sentence_says_which_would_be() -> None:
    pandas = [record("pandas", "2.1.4"), record("pandas", "2.0.3", "numpy >=2")]
    numpy = [record("numpy", "1.26.4"), record("numpy", "2.0.0")]
    newer_pandas = record("pandas", "2.1.4", "numpy <2")
    channel = ToyChannel(records=(pandas[1], newer_pandas, *numpy))
    here = baseline(unit(asks_for("numpy", ">=1.26"), asks_for("pandas", ">=2")), numpy[0], newer_pandas)

    result = found(channel, here)

    assert moved(result) == {}
    assert result.held_back[0].sentence == "numpy 2.0.0 would lower pandas from 2.1.4 to 2.0.3"


def test_what_is_forced_stays_in_its_locked_minor_if_it_can() -> None:
    core = [record("core", version) for version in ("1.2.0", "1.2.9", "1.8.0", "3.0.0")]
    old, new = record("app", "1.0.0", "core >=1.2,<2"), record("app", "1.1.0", "core >1.2.5")
    channel = ToyChannel(records=(*core, old, new))
    here = baseline(unit(asks_for("app", ">=1,<2")), old, core[0])

    result = found(channel, here)

    assert moved(result) == {"app": "1.1.0"}
    assert [each.version for each in result.solutions[here.unit] if each.name == "core"] == ["1.2.9"]


def test_a_group_that_does_not_solve_is_narrowed_and_names_what_it_left_out() -> None:
    a = [record("a", "1.0"), record("a", "1.1", "shared ==1")]
    b = [record("b", "1.0"), record("b", "1.1", "shared ==2")]
    channel = ToyChannel(records=(*a, *b, record("shared", "1"), record("shared", "2")))
    here = baseline(unit(asks_for("a", "1.*"), asks_for("b", "1.*")), a[0], b[0])

    result = found(channel, here)

    assert len(moved(result)) == 1
    (held,) = result.held_back
    assert held.sentence == f"{held.name} 1.1 solves alone, but not together with what moves here"


def test_without_a_verdict_on_one_platform_nothing_is_proposed_and_the_reason_is_kept() -> None:
    numpy = [record("numpy", "1.26.4"), record("numpy", "2.3.1")]
    channel = ToyChannel(records=tuple(numpy), silent_on=frozenset({MACOS}))
    asked = asks_for("numpy", ">=1.26,<2", subdirs=BOTH)
    units = [baseline(unit(asked, subdir=subdir), numpy[0]) for subdir in BOTH]

    result = found(channel, *units)

    assert result.plan.updates == ()
    assert result.not_judged == ("Channel conda-forge answered 500.",)


def test_one_without_a_verdict_is_left_out_and_named_and_the_others_move() -> None:
    class SilentOnSlow(ToyChannel):
        def solve(self, request: SolveRequest) -> SolveResult:
            asked = any(spec.startswith("slow ==2.0") for spec in request.specs)
            return NotSolved(reason="time ran out") if asked else super().solve(request)

    names = ("slow", "a", "b", "c", "d")
    old, new = [record(name, "1.0") for name in names], [record(name, "2.0") for name in names]
    here = baseline(unit(*(asks_for(name, "*") for name in names)), *old)

    result = found(SilentOnSlow(records=(*old, *new)), here)

    assert sorted(moved(result)) == ["a", "b", "c", "d"]
    assert [each.sentence for each in result.held_back] == ["slow 2.0 was not judged: time ran out"]
    assert result.not_judged == ("time ran out",)


def test_without_a_lock_the_rewritten_manifest_is_what_is_solved() -> None:
    numpy = [record("numpy", version) for version in ("1.26.4", "2.3.0", "2.3.1")]
    here = baseline(unit(asks_for("numpy", "=1.26")), numpy[0], locked=False)

    result = found(ToyChannel(records=tuple(numpy)), here)

    assert [change.new for change in result.plan.updates[0].changes] == ["=2.3"]
    assert [each.version for each in result.solutions[here.unit]] == ["2.3.1"]


def test_a_lock_gets_one_pull_request_for_what_is_not_major_and_one_for_each_major() -> None:
    records = [record(name, version) for name in ("click", "rich") for version in ("1.0", "1.1", "2.0")]
    here = baseline(unit(asks_for("click", "*"), asks_for("rich", "*")), records[0], records[3])

    wanted = group(candidates(ToyChannel(records=tuple(records)), here), Policy(), {})

    assert [(each.key, [c.name for c in each.candidates]) for each in wanted] == [
        ("click-2.x", ["click"]),
        ("non-major", ["click", "rich"]),
        ("rich-2.x", ["rich"]),
    ]


def test_what_was_declined_is_not_wanted_until_something_newer_comes() -> None:
    old = [record("click", "1.0"), record("click", "1.1")]
    here = baseline(unit(asks_for("click", "*")), old[0])
    declined = {"non-major": {PackageName("click"): "1.1"}}

    before = group(candidates(ToyChannel(records=tuple(old)), here), Policy(), declined)
    after = group(candidates(ToyChannel(records=(*old, record("click", "1.2"))), here), Policy(), declined)

    assert before == ()
    assert [release.version for release in after[0].candidates[0].releases] == ["1.2"]


def test_a_young_release_is_named_with_the_day_it_is_due() -> None:
    records = (record("click", "1.0"), record("click", "1.1", age=timedelta(days=3)))
    here = baseline(unit(asks_for("click", "*")), records[0])

    (result,) = conda_outlooks([here], lookups(ToyChannel(records=records), here), Policy(), NOW)

    assert result.candidates == ()
    assert [each.sentence for each in result.not_now] == ["click 1.1 is 3 days old: due 2026-11-06"]


def test_packages_that_only_move_together_become_one_plan_found_automatically() -> None:
    core = [record("core", "1.0"), record("core", "2.0", constrains=("model >=2",))]
    model = [record("model", "1.0", "core ==1.0"), record("model", "2.0", "core ==2.0")]
    channel = ToyChannel(records=(*core, *model, record("other", "1.0"), record("other", "1.1")))
    asked = unit(asks_for("core", "1.*"), asks_for("model", "1.*"), asks_for("other", "1.0.*"))
    here = baseline(asked, core[0], model[0], record("other", "1.0"))

    plans = group(candidates(channel, here), Policy(), {})
    results = {plan.key: run(search(plan), channel) for plan in plans}

    assert moved(results["model-2.x"]) == {"core": "2.0", "model": "2.0"}
    assert moved(results["non-major"]) == {"other": "1.1"}


def test_a_release_that_follows_once_another_update_is_merged_says_with_which() -> None:
    scipy = [record("scipy", "1.15.0", "numpy <2.5"), record("scipy", "2.0.0")]
    numpy = [record("numpy", "2.4.0"), record("numpy", "2.5.0")]
    channel = ToyChannel(records=(*scipy, *numpy))
    here = baseline(unit(asks_for("numpy", ">=2.4,<3"), asks_for("scipy", "1.15.*")), numpy[0], scipy[0])

    plans = {plan.key: plan for plan in group(candidates(channel, here), Policy(), {})}
    result = run(search(plans["numpy-2.x"]), channel)

    assert moved(result) == {}
    assert result.held_back[0].sentence.endswith("; it solves together with scipy 2.0.0")


def test_a_solve_never_swaps_a_flavour_and_says_that_the_release_has_no_other() -> None:
    torch = [record("torch", "2.8", build="cuda129_py312_1"), record("torch", "2.9", build="cpu_generic_py312_1")]
    here = baseline(unit(asks_for("torch", "2.*")), torch[0])

    result = found(ToyChannel(records=tuple(torch)), here)

    assert moved(result) == {}
    assert result.held_back[0].sentence == (
        "torch 2.9 solves on linux-64 only with torch built in another flavour than the one in use"
    )


def test_a_newer_build_of_the_same_flavour_is_taken_whatever_its_cuda_version() -> None:
    old, cuda = record("torch", "2.8", build="cuda126_py312_1"), record("torch", "2.9", build="cuda129_py312_0")
    cpu = record("torch", "2.9", build="cpu_generic_py312_1")
    here = baseline(unit(asks_for("torch", "2.*")), old)

    result = found(ToyChannel(records=(old, cpu, cuda)), here)

    assert [each.build for each in result.solutions[here.unit]] == ["cuda129_py312_0"]


def test_what_does_not_solve_on_one_platform_is_not_tried_on_the_others() -> None:
    channel = ToyChannel(records=(record("a", "1.0"), record("a", "2.0")))
    here = [baseline(unit(asks_for("a", "*", subdirs=BOTH), subdir=subdir), record("a", "1.0")) for subdir in BOTH]
    program = search(Wanted(key="x", candidates=candidates(channel, *here)))

    first = next(program)
    open_question = program.send((Unsolvable(text="no"),))
    next_question = program.send((Solution(records=(record("a", "1.0"),)),))

    assert [each.subdir for each in first] == [LINUX]
    assert "a ==2.0" in first[0].specs
    assert [each.subdir for each in open_question] == [LINUX]
    assert "a >=1.0,<=2.0" in open_question[0].specs
    assert not any("a >=1.0,<=2.0" in each.specs for each in next_question)


def test_what_one_line_asks_for_may_go_further_where_another_package_needs_it() -> None:
    """A lock may hold two versions of one line: else the next scan would find what this one left out."""
    libs = [record("lib", "1.0"), record("lib", "1.1"), record("lib", "2.0")]
    apps = [record("app", "1.0"), record("app", "2.0", "lib >=2")]
    capped = record("old", "1.0", "lib <2")
    lib, app = asks_for("lib", "*"), asks_for("app", "*", line=2)
    plain = baseline(unit(lib, asks_for("old", "1.*", line=3), name="plain"), libs[0], capped)
    full = baseline(unit(lib, app, name="full"), libs[0], apps[0])

    result = found(ToyChannel(records=(*libs, *apps, capped)), plain, full)

    assert moved(result) == {"lib": "1.1", "app": "2.0"}
    assert [each.version for each in result.solutions[full.unit]] == ["2.0", "2.0"]
    assert [each.name for each in result.held_back] == ["lib"]
