"""@EXPLICIT files: read, and rewritten line by line in the hash style and order that they have."""

from dataclasses import replace

import pytest

from bot.errors import LockError, RewriteRefused
from bot.lockfiles import Solutions, parse, rewrite
from bot.lockfiles.explicit import EXPLICIT, Explicit, is_explicit, rendered_subdir, source_of, write
from bot.model.manifest import PackageName, Subdir
from bot.model.package import Lock, PypiPackage, Record
from tests.conda_locks import digest, package
from tests.planning.toy import LINUX, MACOS

PATH = "app.linux-64.pin.txt"
APP = package("app", "1.0", "python", "zeta")
APP_2 = package("app", "2.0", "extra", "python")
EXTRA = package("extra", "0.1", "python")
PIP = package("pip", "25.0", "python")
PYTHON = package("python", "3.12.7", "pip", subdir="linux-64")
ZETA = package("zeta", "1.0")
HEAD = "# made by hand\n# platform: linux-64\n@EXPLICIT\n"


def line(given: Record, style: str) -> str:
    return (
        given.url
        + {"md5": f"#{given.md5}", "sha256": f"#{given.sha256}", "named": f"#sha256:{given.sha256}", "": ""}[style]
    )


def listed(*records: Record, style: str = "md5", head: str = HEAD, tail: str = "") -> str:
    return head + "".join(f"{line(each, style)}\n" for each in records) + tail


def parsed(text: str, path: str = PATH) -> Lock:
    return Explicit().parse(path, text)


def on(*records: Record, subdir: Subdir = LINUX) -> Solutions:
    return {("default", subdir): records}


def after(text: str, *records: Record) -> str:
    return rewrite(parsed(text), text, on(*records))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("conda-linux-64.lock", True),
        ("locks/py312-osx-arm64.lock", True),
        ("workflow/envs/x.linux-64.pin.txt", True),
        ("linux-64.lock", True),
        ("poetry.lock", False),
        ("notes-linux-64.txt", False),
    ],
)
def test_the_name_ends_in_a_platform(path: str, *, expected: bool) -> None:
    assert Explicit().matches(path) is expected
    assert Explicit().paths_beside(path) == ()


def test_a_list_is_one_environment_on_one_platform() -> None:
    lock = parse(PATH, listed(PYTHON, APP).encode())

    (environment,) = lock.environments
    (python, app) = environment.conda[LINUX]
    assert (lock.format, environment.name, environment.platforms) == (EXPLICIT, "default", (LINUX,))
    assert (python.name, python.version, python.build, python.subdir) == ("python", "3.12.7", "h0_0", "linux-64")
    assert (app.url, app.md5, app.sha256, app.depends) == (APP.url, APP.md5, None, ())


def test_without_a_comment_the_platform_is_that_of_the_name_or_of_the_packages() -> None:
    assert parsed("@EXPLICIT\n").environments[0].platforms == (LINUX,)
    assert parsed(listed(PYTHON, head="@EXPLICIT\n"), "x.txt").environments[0].platforms == (LINUX,)


@pytest.mark.parametrize("style", ["md5", "sha256", "named", ""])
def test_new_lines_have_the_hash_style_of_the_file(style: str) -> None:
    assert after(listed(ZETA, style=style), ZETA, PIP) == listed(ZETA, PIP, style=style)


def test_what_moves_takes_its_line_and_what_comes_is_installed_before_what_needs_it() -> None:
    before = listed(PYTHON, ZETA, APP, PIP, tail="# end\n")

    assert after(before, APP_2, EXTRA, PIP, PYTHON) == listed(PYTHON, EXTRA, APP_2, PIP, tail="# end\n")


def test_an_order_that_does_not_hold_any_more_is_put_right() -> None:
    first, second = package("first", "1.0"), package("second", "1.0")

    text = after(listed(first, second), replace(package("first", "2.0"), depends=("second",)), second)

    assert text == listed(second, package("first", "2.0"))


@pytest.mark.parametrize("text", [listed(PYTHON, PIP), listed(PYTHON, PIP).replace("\n", "\r\n"), HEAD, HEAD[:-1]])
def test_the_same_records_give_the_same_text(text: str) -> None:
    lock = parsed(text)

    assert rewrite(lock, text, on(*lock.environments[0].conda[LINUX])) == text
    assert rewrite(lock, text, {}) == text


def test_line_ends_are_kept() -> None:
    windows = listed(ZETA).replace("\n", "\r\n")

    assert after(windows, ZETA, PIP) == listed(ZETA, PIP).replace("\n", "\r\n")


def test_an_empty_list_is_filled_with_md5() -> None:
    assert after(HEAD, ZETA) == listed(ZETA)


@pytest.mark.parametrize(
    ("text", "path", "sentence"),
    [
        pytest.param("# nothing\n", PATH, "there is not one line `@EXPLICIT`", id="no mark"),
        pytest.param(HEAD + "@EXPLICIT\n", PATH, "there is not one line `@EXPLICIT`", id="two marks"),
        pytest.param("@EXPLICIT\n", "x.txt", "says which platform this is for", id="no platform"),
        pytest.param(listed(package("x", "1", subdir="osx-64")), PATH, "is not for linux-64", id="another platform"),
        pytest.param(listed(ZETA, tail="\n" + line(PIP, "md5")), PATH, "stand between the packages", id="a gap"),
        pytest.param(HEAD + "numpy=1.2\n", PATH, "is not the URL of a built conda package", id="a spec"),
        pytest.param(HEAD + ZETA.url + "#abc\n", PATH, "`#abc` is neither an md5 nor a sha256 hash", id="a hash"),
        pytest.param(HEAD + f"{ZETA.url}#sha256:{ZETA.md5}\n", PATH, "is neither an md5", id="a short sha256"),
    ],
)
def test_what_is_wrong_is_said(text: str, path: str, sentence: str) -> None:
    with pytest.raises(LockError, match=sentence) as raised:
        parsed(text, path)
    assert raised.value.path == path


@pytest.mark.parametrize(
    ("text", "solutions", "sentence"),
    [
        pytest.param(listed(ZETA), on(ZETA, subdir=MACOS), "it is for linux-64 alone", id="another platform"),
        pytest.param(listed(ZETA, tail="# pip x @ y\n"), on(), "it lists pip packages", id="pip"),
        pytest.param(listed(ZETA), on(replace(PIP, md5=None)), "gives no md5 hash for .*pip", id="no md5"),
        pytest.param(
            listed(ZETA, style="named"), on(replace(PIP, sha256=None)), "gives no sha256 hash for .*pip", id="no sha256"
        ),
    ],
)
def test_a_list_that_cannot_be_rewritten_says_why(text: str, solutions: Solutions, sentence: str) -> None:
    with pytest.raises(LockError, match=sentence):
        rewrite(parsed(text), text, solutions)


def test_a_text_that_is_not_that_of_the_list_is_refused() -> None:
    with pytest.raises(RewriteRefused, match="is not the text that its lock was read from"):
        rewrite(parsed(listed(ZETA)), listed(PIP), on())


def test_pypi_packages_have_no_place_in_a_list() -> None:
    wheel = PypiPackage(name=PackageName("tool"), version="1", url="https://files.example/tool-1-py3-none-any.whl")

    with pytest.raises(RewriteRefused, match="has no place for PyPI packages"):
        rewrite(parsed(listed(APP)), listed(APP), {}, {("default", LINUX): (wheel,)})


def test_a_hash_that_differs_from_the_channel_s_is_refused() -> None:
    with pytest.raises(RewriteRefused, match="find out which is right"):
        after(listed(ZETA), replace(ZETA, md5=digest("forged")[:32]))


@pytest.mark.parametrize("suffix", [f"#{PIP.md5}", "\n#"])
def test_what_does_not_read_back_is_refused(suffix: str) -> None:
    text = listed(ZETA)

    with pytest.raises(RewriteRefused, match=r"did not read back as planned|cannot be read"):
        write(parsed(text), text, (replace(PIP, url=PIP.url + suffix),))


@pytest.mark.parametrize(
    ("path", "text", "manifests", "expected"),
    [
        pytest.param("envs/x.linux-64.pin.txt", HEAD, {"envs/x.yaml"}, "envs/x.yaml", id="Snakemake's name"),
        pytest.param("x.linux-64.pin.txt", HEAD, {"x.yml"}, "x.yml", id="its other ending"),
        pytest.param("x.linux-64.pin.txt", "# y.yml\n" + HEAD, {"y.yml"}, None, id="the name goes before comments"),
        pytest.param(
            "conda-linux-64.lock",
            "# from environment.yml\n" + HEAD,
            {"environment.yml"},
            "environment.yml",
            id="comment",
        ),
        pytest.param(
            "ci/x-linux-64.lock", "# ci/env.yml\n" + HEAD, {"ci/env.yml", "env.yml"}, "ci/env.yml", id="from the top"
        ),
        pytest.param("ci/x-linux-64.lock", "# env.yml\n" + HEAD, {"ci/env.yml", "env.yml"}, None, id="ambiguous"),
        pytest.param("x-linux-64.lock", HEAD + "# env.yml\n", {"env.yml"}, None, id="not below the mark"),
        pytest.param("x-linux-64.lock", HEAD, {"env.yml"}, None, id="nothing said"),
        pytest.param("a/x-linux-64.lock", HEAD, {"a/x.yml"}, "a/x.yml", id="its name and a platform"),
        pytest.param("x.lock", HEAD, {"x.yaml", "x.toml"}, "x.yaml", id="its name alone"),
        pytest.param("x.conda-lock.txt", HEAD, {"x.yml"}, "x.yml", id="its name and that it is a lock"),
        pytest.param("x.txt", f"# from y.yml\n{HEAD}", {"x.yml", "y.yml"}, "y.yml", id="a comment before a name"),
        pytest.param("x.txt", f"# from y.yml, z.yml\n{HEAD}", {"x.yml", "y.yml", "z.yml"}, None, id="two, and so none"),
        pytest.param("conda-linux-64.lock", HEAD, {"conda.yml"}, None, id="the name that all rendered lists have"),
        pytest.param("a/locks/x-linux-64.lock", HEAD, {"a/x.yml"}, "a/x.yml", id="a folder of locks beside it"),
        pytest.param("locks/x.lock", HEAD, {"x.yml", "locks/x.yml"}, "locks/x.yml", id="its own folder comes first"),
        pytest.param("a/other/x.lock", HEAD, {"a/x.yml"}, None, id="a folder of anything else"),
    ],
)
def test_the_source_of_a_list(path: str, text: str, manifests: set[str], expected: str | None) -> None:
    assert source_of(path, text, manifests) == expected


def test_a_rendered_list_is_told_by_its_name() -> None:
    assert rendered_subdir("ci/conda-osx-arm64.lock") == MACOS
    assert rendered_subdir("conda-lock.yml") is None


def test_the_mark_stands_alone_on_its_line() -> None:
    assert is_explicit(HEAD)
    assert not is_explicit("# @EXPLICIT\n")
