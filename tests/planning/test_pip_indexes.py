"""Where pip looks is read from the options among its lines."""

import pytest

from bot import manifests
from bot.planning.pip_indexes import PipIndexes, pip_indexes

ONE, TWO = "https://one.example/simple", "https://two.example/simple"


def read(*lines: str) -> PipIndexes:
    items = "".join(f"      - {line}\n" for line in lines)
    text = f"channels: [conda-forge]\ndependencies:\n  - python\n  - pip:\n{items}"
    manifest = manifests.extract("environment.yml", text.encode())
    assert manifest is not None
    return pip_indexes(manifest.dependencies)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["requests==2.32.3"], PipIndexes()),
        ([f"--index-url {ONE}", "requests"], PipIndexes(main=ONE)),
        ([f"--index-url={ONE}"], PipIndexes(main=ONE)),
        ([f"-i {ONE}"], PipIndexes(main=ONE)),
        pytest.param([f"-i {ONE}", f"-i {TWO}"], PipIndexes(main=TWO), id="the last main index counts"),
        ([f"--extra-index-url {ONE}", f"--extra-index-url {TWO}"], PipIndexes(extra=(ONE, TWO))),
        pytest.param([f"-i {ONE} --extra-index-url {TWO}"], PipIndexes(main=ONE, extra=(TWO,)), id="two on a line"),
        ([f"--find-links {ONE}"], PipIndexes(elsewhere="--find-links")),
        (["-f wheels"], PipIndexes(elsewhere="-f")),
        (["--no-index"], PipIndexes(elsewhere="--no-index")),
        (["--pre", "--no-binary :all:", "-r requirements.txt", "-e .", "-c limits.txt"], PipIndexes()),
        pytest.param([f"--index-url https://me:secret@{ONE[8:]}"], PipIndexes(main=ONE), id="without credentials"),
        pytest.param(["-i https://${TOKEN}@one.example/simple"], PipIndexes(main=ONE), id="without a secret's name"),
    ],
)
def test_options_say_where(lines: list[str], expected: PipIndexes) -> None:
    assert read(*lines) == expected
