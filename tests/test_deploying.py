"""What is deployed is no more than it needs to be: the image's packages by hash, the services without rights."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"^([a-z0-9.-]+)==(\S+)( ; .+)?((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE)
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]


def pins(path: str) -> dict[str, str]:
    return {name: version for name, version, _, _ in PIN.findall((ROOT / path).read_text())}


@pytest.mark.parametrize("path", ["docker/requirements.txt", "docker/build.txt"])
def test_the_image_installs_nothing_without_a_hash_and_in_the_versions_that_are_tested(path: str) -> None:
    tested = dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE))
    names = {re.sub(r"[._-]+", "-", name).lower(): version for name, version in tested.items()}

    lines = [line for line in (ROOT / path).read_text().splitlines() if not line.startswith(" ")]
    assert len(pins(path)) == len(lines)
    assert {name: version for name, version in pins(path).items() if names.get(name, version) != version} == {}


def test_the_image_has_every_package_that_condabot_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    asked = [each for name in ("pypi", "private", "run", "service", "conda-lock") for each in extras[name]]

    names = {re.sub(r"[._-]+", "-", re.split(r"[\[><=]", each)[0]) for each in (*project["dependencies"], *asked)}
    names -= {project["name"]}
    assert names - pins("docker/requirements.txt").keys() == set(), "run `make hashes`"


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_rights_and_bounds(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not str(service["user"]).startswith(("0", "root"))
    assert {"mem_limit", "pids_limit", "healthcheck", "restart"} <= service.keys()
    assert "latest" not in service["image"]
    assert "privileged" not in service
    assert all("docker.sock" not in each for each in service["volumes"])


def test_only_the_proxy_is_reached_from_outside_and_only_who_needs_it_may_bind_low_ports() -> None:
    assert [name for name, each in SERVICES.items() if "ports" in each] == ["proxy"]
    assert [name for name, each in SERVICES.items() if each.get("cap_add")] == ["proxy"]
    assert SERVICES["postgres"]["networks"] == ["inside"]


def test_condabot_runs_as_two_kinds_of_process_which_say_themselves_whether_they_are_well() -> None:
    ours = {name: each for name, each in SERVICES.items() if "condabot" in each["image"]}

    assert {name: each["command"] for name, each in ours.items()} == {"intake": ["serve"], "worker": ["worker"]}
    assert SERVICES["worker"]["deploy"]["replicas"] == 2
    assert all(each["healthcheck"]["test"] == ["CMD", "condabot", "health"] for each in ours.values())
    assert all(each["stop_grace_period"] == "15s" for each in ours.values())


def test_no_secret_stands_in_the_file() -> None:
    variables = [(name, value) for each in SERVICES.values() for name, value in each.get("environment", {}).items()]

    words = re.compile(r"PASSWORD|SECRET|KEY|TOKEN")
    assert [name for name, _ in variables if words.search(name) and not name.endswith("_FILE")] == []
    assert [name for name, value in variables if re.search(r"://[^/@]*:[^/@]*@", value)] == []


def test_the_proxy_hands_on_what_github_sends_and_not_what_is_for_those_inside() -> None:
    text = (ROOT / "deploy/Caddyfile").read_text()

    assert "reverse_proxy intake:8000" in text
    assert "path /metrics /health /ready" in text


def test_the_user_of_the_services_is_the_images() -> None:
    image = (ROOT / "Dockerfile").read_text()

    assert "USER 10001" in image
    assert {SERVICES[name]["user"] for name in ("intake", "worker")} == {"10001:10001"}
