"""What environments are handed over to, as an operator writes it: read, or refused in a sentence without secrets."""

import secrets
from pathlib import Path

import pytest

from bot.credentials import Basic, Bearer
from bot.errors import SettingsError
from bot.model.bundle import TargetKind
from bot.settings import Settings
from bot.targets import Target

SECRET = secrets.token_hex(20)
DOCUMENT = Path(__file__).parents[1] / "docs/handing-over.md"
BOTH = f'bearer = "{SECRET}"\nuser = "x"'


def settings(folder: Path, text: str) -> Settings:
    (folder / "targets.toml").write_text(text)
    return Settings.from_env({"CONDABOT_TARGETS_FILE": str(folder / "targets.toml")})


def row(*lines: str, url: str = "https://store.example", name: str = "team") -> str:
    head = f'[[target]]\nname = "{name}"\nkind = "conda-store"\nurl = "{url}"\n'
    return head + "".join(f"{line}\n" for line in lines)


def test_targets_are_read(tmp_path: Path) -> None:
    text = row(f'bearer = "{SECRET}"', url="https://Store.example:443/conda-store/") + row(
        'user = "me"', f'password = "{SECRET}"', 'namespace = "science"', "installations = [7]", name="other"
    )

    found = settings(tmp_path, text)

    first, second = found.targets
    assert first == Target(
        name="team", kind=TargetKind.CONDA_STORE, url="https://store.example/conda-store", proof=Bearer(SECRET)
    )
    assert (second.proof, second.namespace) == (Basic("me", SECRET), "science")
    assert [each.is_for(8) for each in found.targets] == [True, False]
    assert [each.secrets for each in found.targets] == [(SECRET,), (SECRET,)]
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param(row(name="a b"), "no name of a target", id="a name of two words"),
        pytest.param(row() + row(), "two targets called team", id="a name twice"),
        pytest.param(row('namespace = "../x y"'), "namespace of target team", id="a namespace that is none"),
        pytest.param(row(BOTH), "two ways to say who we are", id="two ways"),
        pytest.param(row(f'bearer = "{SECRET}\\n"'), "no header field can", id="a token with a line break"),
        pytest.param(row(url=f"https://me:{SECRET}@store.example"), "without user name", id="a password in the URL"),
        pytest.param(row(url="ftp://store.example"), r"http\(s\) URL", id="another scheme"),
        pytest.param(row(url="https://store.example:99999"), "is none", id="a port that is none"),
        pytest.param(row(f'tokn = "{SECRET}"'), "unknown field `tokn`", id="a misspelt key"),
        pytest.param(row().replace("conda-store", "ftp-store"), "Invalid enum value", id="another kind"),
        pytest.param(f'name = "{SECRET}', "Unterminated string", id="no TOML"),
    ],
)
def test_what_is_wrong_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence) as refused:
        settings(tmp_path, text)

    assert refused.value.key == "CONDABOT_TARGETS_FILE"
    assert SECRET not in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot read"):
        Settings.from_env({"CONDABOT_TARGETS_FILE": str(tmp_path / "none")})


def test_the_example_in_the_documents_is_read(tmp_path: Path) -> None:
    text = DOCUMENT.read_text().partition("```toml\n")[2].partition("```")[0]

    assert {each.kind for each in settings(tmp_path, text).targets} == set(TargetKind)
