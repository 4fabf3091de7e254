"""The App's secrets in files: for their owner alone, whole or not there, over nothing that was there."""

import stat
from pathlib import Path

import pytest

from bot.composition.registering import check_writable, keep
from bot.errors import SettingsError
from bot.github.registration import Registration
from bot.settings import SetupSettings, with_env_file
from tests.web.test_web_setup import NEW

PLAIN = {"client_secret": "c", "webhook_secret": "w" * 40, "pem": "pem"}


def new(**changes: str) -> Registration:
    fields = {name: getattr(NEW, name) for name in NEW.__struct_fields__}
    return Registration(**{**fields, **PLAIN, **changes})


def test_files_are_their_owners_alone_and_name_each_other(tmp_path: Path) -> None:
    file = keep(new(), SetupSettings(env_file=tmp_path / "app.env", url="https://condabot.example"))

    found = with_env_file({}, file)
    assert found["CONDABOT_PRIVATE_KEY_FILE"] == str(tmp_path / "app.env.77.pem")
    assert Path(found["CONDABOT_PRIVATE_KEY_FILE"]).read_text() == "pem"
    assert {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()} == {0o600}


def test_nothing_is_written_over_and_nothing_is_left_of_half_a_registration(tmp_path: Path) -> None:
    (tmp_path / "app.env").write_text("mine")

    with pytest.raises(SettingsError, match=r"app.env.*File exists"):
        keep(new(), SetupSettings(env_file=tmp_path / "app.env"))

    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("app.env", "mine")]


def test_a_slug_that_would_have_to_be_quoted_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="CONDABOT_APP_SLUG"):
        keep(new(slug="a b"), SetupSettings(env_file=tmp_path / "app.env"))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("place", "sentence"),
    [("there", "the App is registered"), ("a b", "would have to be quoted"), ("no/folder", "is no folder that can be")],
)
def test_a_file_that_cannot_be_written_is_said_before_github_is_asked(
    tmp_path: Path, place: str, sentence: str
) -> None:
    (tmp_path / "there").touch()

    with pytest.raises(SettingsError, match=sentence):
        check_writable(tmp_path / place)


def test_a_file_that_can_be_written_is_no_matter(tmp_path: Path) -> None:
    check_writable(tmp_path / "app.env")
