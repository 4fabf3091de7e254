"""Match specs in every spelling mean to the solver what py-rattler reads in them, and their version is found."""

from contextlib import suppress

import pytest
import rattler
from hypothesis import assume, example, given
from hypothesis import strategies as st
from rattler.exceptions import InvalidMatchSpecError

from bot.errors import SpecError
from bot.model.manifest import MatchSpec, PackageName
from bot.versioning.match_spec import (
    LONGEST,
    is_explicit_package,
    is_name_pattern,
    is_virtual_package,
    normalise_conda_name,
    normalise_pypi_name,
    parse_match_spec,
    parse_nameless,
    solver_spec,
    solver_version,
)

NUMPY = PackageName("numpy")

SPELLINGS = [
    # text, for the solver, the version text that a rewrite replaces
    ("numpy", "numpy", None),
    ("  numpy\t", "numpy", None),
    ("NumPy", "numpy", None),
    ("numpy=1.26", "numpy[version='=1.26']", "=1.26"),
    ("numpy =1.26", "numpy[version='=1.26']", "=1.26"),
    ("numpy = 1.26", "numpy[version='=1.26']", "= 1.26"),
    ("numpy=1.26.*", "numpy[version='=1.26.*']", "=1.26.*"),
    ("numpy==1.26.4", "numpy[version='==1.26.4']", "==1.26.4"),
    ("numpy == 1.26.4", "numpy[version='==1.26.4']", "== 1.26.4"),
    ("numpy==1.26.*", "numpy[version='1.26.*']", "==1.26.*"),
    ("numpy 1.26.*", "numpy[version='1.26.*']", "1.26.*"),
    ("numpy 1.26*", "numpy[version='1.26*']", "1.26*"),
    ("numpy 1.26", "numpy[version='1.26']", "1.26"),
    ("numpy>=1.26,<2", "numpy[version='>=1.26,<2']", ">=1.26,<2"),
    ("numpy >=1.26, <2", "numpy[version='>=1.26,<2']", ">=1.26, <2"),
    ("numpy >= 1.26 , < 2  ", "numpy[version='>=1.26,<2']", ">= 1.26 , < 2"),
    ("numpy~=1.2", "numpy[version='~=1.2']", "~=1.2"),
    ("numpy ~=1.2[when=__unix]", "numpy[version='~=1.2',when='__unix']", "~=1.2"),
    ("numpy[when='python >=3.9 and __win']", "numpy[when='python>=3.9 and __win']", None),
    ("numpy 1.2|1.3", "numpy[version='1.2|1.3']", "1.2|1.3"),
    ("numpy 1.2 | 1.3", "numpy[version='1.2|1.3']", "1.2 | 1.3"),
    ("numpy (>=1,<2)|>3", "numpy[version='(>=1,<2)|>3']", "(>=1,<2)|>3"),
    ("numpy >3|(>=1,<2)", "numpy[version='>3|(>=1,<2)']", ">3|(>=1,<2)"),
    ("numpy!=1.5", "numpy[version='!=1.5']", "!=1.5"),
    ("numpy<2.0a0", "numpy[version='<2.0a0']", "<2.0a0"),
    ("numpy *", "numpy[version='*']", "*"),
    ("numpy=*", "numpy[version='=*']", "=*"),
    ("numpy=1!2.0", "numpy[version='=1!2.0']", "=1!2.0"),
    ("tzdata 2024a", "tzdata[version='2024a']", "2024a"),
    ("jpeg=9e", "jpeg[version='=9e']", "=9e"),
    ("openssl=1.1.1w,<2", "openssl[version='=1.1.1w,<2']", "=1.1.1w,<2"),
    ("torch 1.2+cu118", "torch[version='1.2+cu118']", "1.2+cu118"),
    ("r-base=4.1.3_1", "r-base[version='=4.1.3_1']", "=4.1.3_1"),
    ("numpy=1.26=py311*", "numpy[version='1.26',build='py311*']", "1.26"),
    ("numpy = 1.26 py311*", "numpy[version='1.26',build='py311*']", "1.26"),
    ("numpy==1.26.4=py311_0", "numpy[version='==1.26.4',build='py311_0']", "==1.26.4"),
    ("numpy 1.26.4 py311_0", "numpy[version='1.26.4',build='py311_0']", "1.26.4"),
    ("numpy 1.26.* *cuda*", "numpy[version='1.26.*',build='*cuda*']", "1.26.*"),
    ("numpy >=1.2, <3 py*", "numpy[version='>=1.2,<3',build='py*']", ">=1.2, <3"),
    ("numpy=1.2,<3=py*", "numpy[version='=1.2,<3',build='py*']", "=1.2,<3"),
    ("numpy=*=mkl*", "numpy[version='*',build='mkl*']", "*"),
    ("numpy=1.2=^py.*$", "numpy[version='1.2',build='^py.*$']", "1.2"),
    ("numpy[version='>=1.2',build=py*]", "numpy[version='>=1.2',build='py*']", ">=1.2"),
    ('numpy[version=">=1.2", build="py*"]', "numpy[version='>=1.2',build='py*']", ">=1.2"),
    ("numpy [ build='py*' , version = '1.2' ]", "numpy[version='1.2',build='py*']", "1.2"),
    ("numpy[version=1.2]", "numpy[version='1.2']", "1.2"),
    ("numpy[build=py*]", "numpy[build='py*']", None),
    ("numpy=1.2[build=py*]", "numpy[version='=1.2',build='py*']", "=1.2"),
    ("numpy=1.2[build_number='>=3']", "numpy[version='=1.2',build_number='>=3']", "=1.2"),
    ("numpy[]", "numpy", None),
    ("numpy[md5=d41d8cd98f00b204e9800998ecf8427e]", "numpy[md5='d41d8cd98f00b204e9800998ecf8427e']", None),
    (f"numpy[sha256={'ab' * 32}]", f"numpy[sha256='{'ab' * 32}']", None),
    ("conda-forge::numpy", "conda-forge::numpy", None),
    ("conda-forge::numpy=1.26", "conda-forge::numpy[version='=1.26']", "=1.26"),
    ("conda-forge/label/rc::numpy", "conda-forge/label/rc::numpy", None),
    ("conda-forge/linux-64::numpy", "conda-forge::numpy[subdir='linux-64']", None),
    ("numpy[channel=conda-forge, subdir=linux-64]", "conda-forge::numpy[subdir='linux-64']", None),
    ("bioconda::numpy[channel=conda-forge]", "conda-forge::numpy", None),
    ("https://files.example/channel::numpy 1.2", "https://files.example/channel::numpy[version='1.2']", "1.2"),
    ("https://files.example/c/noarch::numpy", "https://files.example/c::numpy[subdir='noarch']", None),
    ("https://conda.anaconda.org/conda-forge::numpy", "conda-forge::numpy", None),
    ("numpy=1.26  # keep below 2", "numpy[version='=1.26']", "=1.26"),
]


@pytest.mark.parametrize(("text", "solver", "version"), SPELLINGS, ids=[text for text, _, _ in SPELLINGS])
def test_every_spelling_is_read_and_its_version_found(text: str, solver: str, version: str | None) -> None:
    parsed = parse_match_spec(text)

    span = parsed.version_span
    assert solver_spec(parsed.spec) == solver
    assert (text[span.start : span.end] if span else None) == version


NAMELESS = [
    (">=1.26,<2", "numpy[version='>=1.26,<2']", ">=1.26,<2"),
    (" 1.26.* ", "numpy[version='1.26.*']", "1.26.*"),
    ("==1.26.*", "numpy[version='1.26.*']", "==1.26.*"),
    ("*", "numpy[version='*']", "*"),
    ("", "numpy", None),
    ("  ", "numpy", None),
    ("==1.26 py311*", "numpy[version='==1.26',build='py311*']", "==1.26"),
    ("=1.26=py311*", "numpy[version='1.26',build='py311*']", "1.26"),
    ("[version='1.2',build='py*']", "numpy[version='1.2',build='py*']", "1.2"),
    ("1.2[build_number=3]", "numpy[version='1.2',build_number='==3']", "1.2"),
]


@pytest.mark.parametrize(("text", "solver", "version"), NAMELESS, ids=[repr(text) for text, _, _ in NAMELESS])
def test_the_value_of_a_pixi_key_is_read_and_its_version_found(text: str, solver: str, version: str | None) -> None:
    parsed = parse_nameless(NUMPY, text)

    span = parsed.version_span
    assert solver_spec(parsed.spec) == solver
    assert (text[span.start : span.end] if span else None) == version


REFUSED = [
    ("", "missing package name"),
    ("=1.2", "missing package name"),
    ("num*", "glob"),
    ("numpy=", "`numpy=` is not a match spec"),
    ("numpy===1.2", "is not a match spec"),
    ("numpy >=1.2,", "is not a match spec"),
    ("numpy 1.*.1", "regex"),
    ("numpy >=1.2 <2", "`<2` in `numpy >=1.2 <2` is neither a version nor a build"),
    ("numpy 1.2 py_0 3", "neither a version nor a build"),
    ("numpy = 1.2 = py*", "`= py*` in `numpy = 1.2 = py*` is neither"),
    ("numpy=1.2 (optional)", "neither a version nor a build"),
    ("numpy=1.2\x00", "neither a version nor a build"),
    ("numpy=1.2[version='>=1.3']", "gives the version twice"),
    ("numpy[version='1.2',version='1.3']", "gives the version twice"),
    ("numpy[version='==1.2.*']", "write `1.2.*`"),
    ("numpy==1.2.*=py*", "write `1.2.*`"),
    ("numpy[extras=[a]]", "asks for more than"),
    ("numpy[license=MIT]", "asks for more than"),
    ("numpy[build='']", "asks for more than"),
    ("conda-forge:namespace:numpy", "is neither a version nor a build"),
    ("/tmp/numpy-1.2-0.conda", "does not start with the name of a package"),  # noqa: S108 - never opened
    ("https://files.example/numpy-1.2-0.conda", "neither a version nor a build"),
    ("numpy **", "cannot be written for the solver"),
    ("numpy[build='a\"b']", "character that cannot be part of a match spec"),
    ("numpy " + "(" * LONGEST, "is not a match spec"),
    ("numpy 1.2 ; if python", "is not a match spec"),
    ("é", "is not a match spec"),
    ("https://conda.example/a::b-   - c/linux-64::pandas=2.2", "character that cannot be part of a match spec"),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED, ids=[text[:40] or "empty" for text, _ in REFUSED])
def test_anything_else_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(SpecError) as refused:
        parse_match_spec(text)

    assert sentence in refused.value.message
    assert "\n" not in refused.value.message


@pytest.mark.parametrize("text", ["c::1.2", "1.2 # comment", ">=1.2 <2", "=", "x" * (LONGEST + 1)])
def test_a_value_that_is_no_version_spec_is_refused(text: str) -> None:
    with pytest.raises(SpecError):
        parse_nameless(NUMPY, text)


@pytest.mark.parametrize(
    "text",
    [
        "https://user:word@files.example/c::numpy",
        "https://files.example/t/tk-1/c::numpy",
        "numpy[channel='https://user:word@files.example/c']",
    ],
)
def test_credentials_in_a_channel_are_dropped(text: str) -> None:
    assert parse_match_spec(text).spec.channel == "https://files.example/c"


@pytest.mark.parametrize(
    "text", ["https://user:word@files.example/c::numpy 1.2 a b c", "https://files.example/t/word/c::numpy[extras=[a]]"]
)
def test_errors_do_not_quote_credentials(text: str) -> None:
    with pytest.raises(SpecError) as refused:
        parse_match_spec(text)

    assert "word" not in refused.value.message


def test_the_solver_is_given_another_version_on_request() -> None:
    spec = MatchSpec(name=NUMPY, version="=1.26", build="py*", channel="conda-forge")

    assert solver_spec(spec, "== 2.3.*") == "conda-forge::numpy[version='2.3.*',build='py*']"
    assert solver_spec(spec, "") == "conda-forge::numpy[build='py*']"


@pytest.mark.parametrize(
    "spec",
    [
        MatchSpec(name=NUMPY, version="1.2',channel='other"),
        MatchSpec(name=NUMPY, build="a\nb"),
        MatchSpec(name=NUMPY, channel="other::evil[build=x]"),
        MatchSpec(name=NUMPY, channel="two words"),
    ],
)
def test_a_part_cannot_break_out_of_its_place(spec: MatchSpec) -> None:
    with pytest.raises(SpecError, match="character that cannot be part"):
        solver_spec(spec)


@pytest.mark.parametrize(
    ("written", "for_solver"),
    [(">= 1.2 , < 2", ">=1.2,<2"), ("==1.2.*", "1.2.*"), ("==1.2", "==1.2"), ("==1.2,!=1.2.*", "==1.2,!=1.2.*")],
)
def test_a_version_is_spelt_for_the_solver(written: str, for_solver: str) -> None:
    assert solver_version(written) == for_solver


@pytest.mark.parametrize(("text", "name"), [("NumPy", "numpy"), ("_libgcc_mutex", "_libgcc_mutex"), ("X.y-Z", "x.y-z")])
def test_conda_names_are_lower_case(text: str, name: str) -> None:
    assert normalise_conda_name(text) == name


@pytest.mark.parametrize(("text", "sentence"), [("", "missing"), ("a b", "`a b` is not"), ("a*", "is not a package")])
def test_what_is_no_conda_name_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(SpecError, match=sentence.replace("*", r"\*")):
        normalise_conda_name(text)


@pytest.mark.parametrize(("text", "name"), [("Foo.Bar__baz", "foo-bar-baz"), ("requests", "requests")])
def test_pypi_names_are_as_in_pep_503(text: str, name: str) -> None:
    assert normalise_pypi_name(text) == name


@pytest.mark.parametrize("text", ["", "-a", "a b", "a[extra]"])
def test_what_is_no_pypi_name_is_refused(text: str) -> None:
    with pytest.raises(SpecError, match="not a PyPI project name"):
        normalise_pypi_name(text)


def test_names_with_two_underscores_are_virtual_packages() -> None:
    assert is_virtual_package(PackageName("__glibc"))
    assert not is_virtual_package(PackageName("_libgcc_mutex"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://files.example/c/linux-64/numpy-1.2-0.conda#d41d8", True),
        ("file:///c/noarch/numpy-1.2-0.tar.bz2", True),
        ("./numpy-1.2-0.conda", True),
        ("https://files.example/c::numpy", False),
        ("numpy=1.2", False),
        ("x.conda", False),
    ],
)
def test_explicit_packages_are_recognised(text: str, *, expected: bool) -> None:
    assert is_explicit_package(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("num*", True), ("conda-forge::py*=1", True), ("^py.*$", True), ("numpy=1.*", False), ("numpy *", False)],
)
def test_name_patterns_are_recognised(text: str, *, expected: bool) -> None:
    assert is_name_pattern(text) is expected


VERSIONS = ["1", "1.2", "1.2.3", "1.26.4", "2.0", "2.0a0", "1!2.0", "2024a", "9e", "1.1.1w", "1.2_1", "1.2+cu1"]
BUILDS = ["py311_0", "py310_1", "mkl_0", "0"]
BLANKS = st.sampled_from(["", "", " ", "  "])
RECORDS = [
    rattler.PackageRecord("numpy", version, rattler.BuildString(build), number, "linux-64")
    for version in [*VERSIONS, "1.5", "1.26.10", "3", "3.5.1", "2025b"]
    for number, build in enumerate(BUILDS)
]


@st.composite
def clauses(draw: st.DrawFn) -> str:
    operator = draw(st.sampled_from(["", "=", "==", "~=", "!=", ">=", ">", "<", "<="]))
    star = draw(st.sampled_from(["", "", ".*", "*"]))
    return operator + draw(BLANKS) * bool(operator) + draw(st.sampled_from(VERSIONS)) + star


@st.composite
def version_specs(draw: st.DrawFn) -> str:
    text = draw(clauses())
    for _ in range(draw(st.integers(0, 3))):
        separator = draw(BLANKS) + draw(st.sampled_from(",|")) + draw(BLANKS)
        text = text + separator + draw(clauses())
    return f"({text})" if draw(st.integers(0, 5)) == 0 else text


@st.composite
def match_specs(draw: st.DrawFn) -> str:
    build = draw(st.sampled_from(["", "", *(blank + each for blank in "= " for each in [*BUILDS, "py*", "*mkl*"])]))
    version = draw(st.just("") | version_specs())
    brackets = draw(st.sampled_from(["", "", "[build='py*']", "[build_number='>0']", "[version='>=1.2']"]))
    return draw(BLANKS) + "numpy" + draw(BLANKS) + version + build * bool(version) + draw(BLANKS) + brackets


@given(text=match_specs())
@example(text="numpy ==1.2.*|==1.3.*")
@example(text="numpy 1.2|==1.26.*")
def test_the_solver_matches_the_records_that_py_rattler_matches(text: str) -> None:
    try:
        judge = rattler.MatchSpec(text)
        parsed = parse_match_spec(text)
    except (InvalidMatchSpecError, SpecError):
        assume(False)  # noqa: FBT003 - hypothesis takes its condition so

    for_solver = rattler.MatchSpec(solver_spec(parsed.spec))

    assert [for_solver.matches(record) for record in RECORDS] == [judge.matches(record) for record in RECORDS]


@given(text=version_specs())
def test_a_value_of_pixi_matches_what_its_nameless_spec_matches(text: str) -> None:
    try:
        judge = rattler.NamelessMatchSpec(text)
        parsed = parse_nameless(NUMPY, text)
    except (InvalidMatchSpecError, SpecError):
        assume(False)  # noqa: FBT003 - hypothesis takes its condition so

    for_solver = rattler.MatchSpec(solver_spec(parsed.spec))

    assert [for_solver.matches(record) for record in RECORDS] == [judge.matches(record) for record in RECORDS]


@given(text=match_specs())
def test_the_version_that_is_found_is_the_version_that_is_solved(text: str) -> None:
    try:
        parsed = parse_match_spec(text)
    except SpecError:
        assume(False)  # noqa: FBT003 - hypothesis takes its condition so

    span = parsed.version_span
    found = text[span.start : span.end] if span else ""
    assert found == found.strip()
    assert solver_version(found) == parsed.spec.version


@given(text=st.text(st.sampled_from("numpy=<>!~*|,()[]'\"#: .-_1\n\x00é/@"), max_size=40) | st.text(max_size=40))
def test_no_text_does_more_harm_than_to_be_refused(text: str) -> None:
    with suppress(SpecError):
        solver_spec(parse_match_spec(text).spec)
