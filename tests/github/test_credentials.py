"""Who we are, also by a wrong clock, with a dead token, or with less than we would like."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import jwt
import pytest

from bot.errors import GitHubError
from bot.github.auth import AppSigner, GitHubApp
from bot.github.permissions import READ, WRITE, allows, missing, within
from bot.github.throttle import Priority
from tests.clocks import ManualClock
from tests.github.conftest import AppKey, World, local, made_key

BASE = "https://github.example"
TOKEN = {"token": "t", "repositories": [{"id": 1, "node_id": "R_1", "full_name": "acme/app"}]}


class StrictGitHub:
    """Knows the App by signatures that are valid now, by its own clock, as PyJWT judges them."""

    def __init__(self, clock: ManualClock, ahead: float, key: AppKey, *, date: bool = True) -> None:
        self.requests: list[httpx.Request] = []
        self._clock, self._ahead, self._key, self._date = clock, timedelta(seconds=ahead), key, date

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        now = self._clock.now() + self._ahead
        headers = {"date": format_datetime(now, usegmt=True)} if self._date else {}
        if self._is_valid(request, now):
            return httpx.Response(201, json=TOKEN, headers=headers)
        return httpx.Response(401, json={"message": "'Issued at' claim is in the future"}, headers=headers)

    def _is_valid(self, request: httpx.Request, now: datetime) -> bool:
        options = {"verify_exp": False, "verify_iat": False}
        text = request.headers["authorization"].removeprefix("bearer ")
        claims = jwt.decode(text, self._key.public, algorithms=["RS256"], options=options)  # type: ignore[arg-type] # PyJWT's TypedDict is total
        moment = now.astimezone(UTC).timestamp()
        return bool(claims["iat"] <= moment < claims["exp"] <= moment + 600)


def app_at(github: StrictGitHub, signer: AppSigner, clock: ManualClock) -> GitHubApp:
    http = httpx.AsyncClient(transport=httpx.MockTransport(github))
    return GitHubApp(signer=signer, http=http, base_url=BASE, clock=clock, budgets=local(clock))


@pytest.mark.parametrize("ahead", [0, -60, 60])
async def test_a_clock_that_is_a_minute_off_is_no_matter(
    ahead: int, signer: AppSigner, app_key: AppKey, clock: ManualClock
) -> None:
    github = StrictGitHub(clock, ahead, app_key)
    async with app_at(github, signer, clock).installation(9, 1, READ) as client:
        assert client.repository.id == 1
    assert len(github.requests) == 1


@pytest.mark.parametrize("ahead", [-3600, -300, 600, 7200])
async def test_githubs_clock_is_learned_once(
    ahead: int, signer: AppSigner, app_key: AppKey, clock: ManualClock
) -> None:
    github = StrictGitHub(clock, ahead, app_key)
    app = app_at(github, signer, clock)
    for _ in range(2):
        async with app.installation(9, 1, READ):
            pass
    assert len(github.requests) == 3


@pytest.mark.parametrize("date", [True, False], ids=["our clock is right", "GitHub tells no time"])
async def test_a_key_that_github_does_not_know_is_refused_at_once(
    signer: AppSigner, clock: ManualClock, *, date: bool
) -> None:
    headers = {"date": format_datetime(clock.now(), usegmt=True)} if date else {"date": "yesterday"}
    sent = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(401, json={"message": "A JSON web token could not be decoded"}, headers=headers)

    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    app = GitHubApp(signer=signer, http=http, base_url=BASE, clock=clock, budgets=local(clock))
    with pytest.raises(GitHubError, match="could not be decoded; is the private key one of this App"):
        async with app.installation(9, 1, READ):
            pass
    assert len(sent) == 1


@dataclass(slots=True)
class KeyedGitHub:
    """Knows the App by the keys that its page lists at the moment."""

    keys: list[bytes]
    answers: list[int] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        token = request.headers["authorization"].removeprefix("bearer ")
        known = any(self._made(token, key) for key in self.keys)
        self.answers.append(201 if known else 401)
        return httpx.Response(self.answers[-1], json=TOKEN if known else {"message": "could not be decoded"})

    @staticmethod
    def _made(token: str, key: bytes) -> bool:
        try:
            jwt.decode(token, key, algorithms=["RS256"], options={"verify_exp": False, "verify_iat": False})
        except jwt.InvalidSignatureError:
            return False
        return True


async def test_keys_are_rotated_without_a_moment_in_which_the_app_is_not_known(
    app_key: AppKey, clock: ManualClock
) -> None:
    """Both are named here; then the new one is made known at GitHub, and the old one is taken away there."""
    new = made_key()
    github = KeyedGitHub([app_key.public])
    http = httpx.AsyncClient(transport=httpx.MockTransport(github))
    signer = AppSigner("77", new.private, app_key.private)
    app = GitHubApp(signer=signer, http=http, base_url=BASE, clock=clock, budgets=local(clock))

    for keys in ([app_key.public], [app_key.public, new.public], [new.public], [new.public]):
        github.keys = keys
        async with app.installation(9, 1, READ):
            pass

    assert github.answers == [401, 201, 201, 401, 201, 201]


def test_two_that_were_refused_at_once_turn_to_the_next_key_together(app_key: AppKey) -> None:
    signer = AppSigner("77", made_key().private, app_key.private)

    assert [signer.pass_over(0), signer.pass_over(0)] == [True, True]
    assert signer.key == 1


async def test_what_was_not_granted_is_not_asked_for(world: World) -> None:
    granted = {"contents": "write", "metadata": "read", "pull_requests": "read"}
    async with world.app.installation(
        world.installation.id, world.repository.id, WRITE, granted=granted, budget=world.app.budget(1, Priority.SWEEP)
    ) as client:
        may = {name: client.may(name, "write") for name in WRITE}
    assert may == {"checks": False, "contents": True, "metadata": False, "pull_requests": False}
    assert client.may("pull_requests", "read")


@pytest.mark.parametrize(
    ("has", "level", "allowed"),
    [
        ("write", "read", True),
        ("read", "write", False),
        ("", "read", False),
        ("admin", "write", True),
        ("x", "read", False),
    ],
)
def test_a_level_allows_what_is_below_it(has: str, level: str, *, allowed: bool) -> None:
    assert allows({"checks": has}, "checks", level) is allowed


def test_what_is_asked_for_is_the_lower_of_both() -> None:
    assert within(WRITE, {"contents": "read", "checks": "write", "issues": "write"}) == {
        "contents": "read",
        "checks": "write",
    }


def test_what_is_missing_is_said_with_the_place_to_grant_it() -> None:
    page = "https://github.example/settings/installations/9"
    sentence = missing("checks", "write", repository="acme/app", page=page)
    assert sentence == f"the App may not write checks in acme/app: accept its new permissions at {page}"


async def test_writes_are_reserved_for_an_app(world: World) -> None:
    async with (
        world.app.reserved(world.installation.id, Priority.SWEEP, writes=5) as budget,
        world.app.installation(world.installation.id, world.repository.id, READ, budget=budget) as client,
    ):
        assert client.budget is budget
