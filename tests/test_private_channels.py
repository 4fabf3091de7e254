"""The examples of docs/private-channels.md are what the settings read."""

import json
import re
import shlex
from pathlib import Path

import pytest

from bot.credentials import Basic, Bearer, CondaToken, S3Key
from bot.settings import EgressSettings, Settings, Upstream

TEXT = (Path(__file__).parents[1] / "docs/private-channels.md").read_text()


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def environment(block: str) -> dict[str, str]:
    return dict(each.split("=", 1) for each in shlex.split(block))


def test_the_file_of_credentials() -> None:
    found = Settings.from_env({"CONDABOT_CREDENTIALS": blocks("toml")[0]}).credentials

    assert {each.prefix: type(each.proof) for each in found} == {
        "https://conda.corp.example/private": Bearer,
        "https://conda.anaconda.org/acme": CondaToken,
        "https://nexus.corp.example:8443/repository/pypi": Basic,
        "https://quetz.corp.example/get/team": Bearer,
        "s3://acme-conda/channel": S3Key,
    }
    assert [each.installations for each in found if each.installations] == [{1234567}]


def test_the_file_of_py_rattler(tmp_path: Path) -> None:
    (block,) = blocks("json")
    (tmp_path / "auth.json").write_text(block)

    found = Settings.from_env({"RATTLER_AUTH_FILE": str(tmp_path / "auth.json")}).credentials

    hosts = ["conda.corp.example", "prefix.dev", "repo.prefix.dev"]
    assert [each.prefix for each in found] == [f"https://{host}" for host in hosts]
    assert len(json.loads(block)) == 2


@pytest.mark.parametrize("number", [0, 2])
def test_mirrors(number: int) -> None:
    found = Settings.from_env(environment(blocks("sh")[number])).channels.mirrors

    assert [each.canonical for each in found] == [
        *(["https://conda.anaconda.org", "https://index.example/simple", "https://files.example"] * (number == 0)),
        *(["s3://acme-conda/channel", "oci://registry.example/channels/acme"] * (number == 2)),
    ]
    assert {each.basic for each in found} == {Basic("condabot", "p@ss/word") if number == 0 else None}
    assert not any("@" in each.url for each in found)


def test_a_closed_network() -> None:
    found = Settings.from_env(environment(blocks("sh")[1]))

    assert found.egress == EgressSettings(
        hosts=("https://conda.corp.example", "https://nexus.corp.example:8443", "http://quetz:8080"),
        networks=("10.0.0.0/8", "fd00::/8"),
    )
    assert found.upstream == Upstream(
        https="http://condabot:p%40ss@proxy.corp.example:3128", no_proxy=".corp.example,quetz"
    )
