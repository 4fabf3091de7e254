"""Comments for Renovate, in the files where they are honoured."""

import pytest

from bot.manifests import extract, extract_annotated, rewrite
from bot.model.manifest import Manifest, SkipReason


def manifest_of(text: str) -> Manifest:
    manifest = extract_annotated("Dockerfile", text.encode())
    assert manifest is not None
    return manifest


LINES = [
    ("ENV NUMPY=1.26.4", "1.26.4"),
    ("ENV NUMPY 1.26.4", "1.26.4"),
    ('numpy: "1.26.4"', "1.26.4"),
    ("numpy := 1.26.4", "1.26.4"),
    ("NUMPY='1.26.4' # the last for python 3.9", "1.26.4"),
    ("NUMPY=v1.26.4", "1.26.4"),
    ("RUN micromamba install numpy=1.26.4 scipy=1.13", "=1.26.4"),
    ("RUN micromamba install 'numpy >=1.26,<2' scipy=1.13", ">=1.26,<2"),
    ("RUN micromamba install xnumpy=1.0 numpy=1.26", "=1.26"),
    ('version = "1.26.4",', "1.26.4"),
    ("      NUMPY=1.26 \\", "1.26"),
    ("run: numpy", ""),
    ("", ""),
]


@pytest.mark.parametrize(("line", "version"), LINES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_version_stands_on_the_line_below(line: str, version: str, end: str) -> None:
    manifest = manifest_of(f"# renovate: datasource=conda depName=conda-forge/numpy{end}{line}{end}")

    (dependency,) = manifest.dependencies
    assert (dependency.version, dependency.line, dependency.skip is None) == (version, 2, bool(version))


def test_only_that_version_is_rewritten() -> None:
    text = "# renovate: datasource=conda depName=numpy\nRUN install numpy=1.26 scipy=1.26 numpy=1.26\n"
    manifest = manifest_of(text)

    rewritten = rewrite(manifest, text, {manifest.dependencies[0].at: "=2.3"})

    assert rewritten == text.replace("numpy=1.26", "numpy=2.3", 1)


@pytest.mark.parametrize(
    "text",
    [
        "# renovate: datasource=github-tags depName=x\nX=1\n",
        "# renovate: depName=x\nX=1\n",
        "renovate: datasource=conda depName=x\nX=1\n",
        "X=1 # renovate: datasource=conda depName=x\n",
        "# renovate: datasource=conda depName=x\nX=1\n" + "#" * 256_000,
    ],
    ids=["another datasource", "no datasource", "no comment", "behind a value", "too long"],
)
def test_anything_else_is_no_annotation(text: str) -> None:
    assert extract_annotated("Dockerfile", text.encode()) is None


def test_annotations_are_read_only_when_asked_for() -> None:
    text = b"# renovate: datasource=conda depName=numpy\nnumpy: 1.26\n"

    assert extract("ci/deps.yml", text) is None
    assert extract_annotated("src/deps.py", text) is not None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ("datasource=conda depName=conda-forge/{{name}}", SkipReason.TEMPLATE),
        ("datasource=conda depName=x extractVersion=^v(?<version>.+)$", SkipReason.TEMPLATE),
        ("datasource=conda depName=a%b", SkipReason.INVALID_SPEC),
        ("datasource=pypi depName=a%b", SkipReason.INVALID_SPEC),
        ("datasource=conda", SkipReason.INVALID_SPEC),
    ],
)
def test_an_annotation_that_cannot_be_followed_says_why(fields: str, reason: SkipReason) -> None:
    (dependency,) = manifest_of(f"# renovate: {fields}\nX=1.0\n").dependencies

    assert dependency.skip is not None
    assert dependency.skip.reason is reason


@pytest.mark.parametrize("datasource", ["conda", "pypi"])
def test_a_version_that_is_none_for_its_datasource_says_so(datasource: str) -> None:
    (dependency,) = manifest_of(f"# renovate: datasource={datasource} depName=x\nX=1.0+a+b*!\n").dependencies

    assert dependency.skip is not None
    assert dependency.skip.reason is SkipReason.INVALID_SPEC


def test_each_annotation_is_an_environment_of_one_package_on_linux() -> None:
    manifest = manifest_of(
        "# renovate: datasource=conda depName=bioconda/samtools\nA=1.20\n"
        "# renovate: datasource=conda depName=samtools\nB=1.19\n"
    )

    assert [each.name for each in manifest.declarations.environments] == ["samtools", "samtools-1"]
    assert [each.feature for each in manifest.dependencies] == ["samtools", "samtools-1"]
    channels = [each.channels for each in manifest.declarations.features]
    assert [[reference.name for reference in each or ()] for each in channels] == [["bioconda"], ["conda-forge"]]
    assert manifest.declarations.platforms == ("linux-64",)
