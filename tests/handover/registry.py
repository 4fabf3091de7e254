"""A registry of OCI artifacts on localhost that wants to know who is there; a real one is asked in tests/readers."""

import hashlib
import secrets
from base64 import b64encode

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.demo.localhost import LocalServer

USER, PASSWORD, TOKEN = "me", secrets.token_hex(20), secrets.token_hex(20)
BASIC = f"Basic {b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"


class FakeRegistry(LocalServer):
    """Keeps `blobs` by digest and `manifests` by repository and tag; `asked` are the methods and kinds of all requests.

    With `tokens` it knows nobody but who fetched one from it. Uploads go on at `elsewhere`, if that is said, and tokens
    are had at `realm`.
    """

    def __init__(self, *, tokens: bool = False, elsewhere: str = "", realm: str = "") -> None:
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[tuple[str, str], bytes] = {}
        self.asked: list[str] = []
        self.scopes: list[str] = []
        self._tokens, self._elsewhere, self._realm = tokens, elsewhere, realm
        application = web.Application(client_max_size=2**24, middlewares=[self._known])
        application.router.add_get("/v2/", self._root)
        application.router.add_get("/token", self._token)
        application.router.add_get("/v2/{name:.+}/manifests/{tag}", self._manifest)
        application.router.add_put("/v2/{name:.+}/manifests/{tag}", self._tag)
        application.router.add_route("HEAD", "/v2/{name:.+}/blobs/{digest}", self._blob)
        application.router.add_post("/v2/{name:.+}/blobs/uploads/", self._begin)
        application.router.add_put("/v2/{name:.+}/blobs/uploads/{id}", self._end)
        super().__init__(application)

    @web.middleware
    async def _known(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        said = request.headers.get("Authorization", "")
        if request.path == "/token" and said != BASIC:
            return web.Response(status=401)
        wanted = f"Bearer {TOKEN}" if self._tokens else BASIC
        if request.path != "/token" and said != wanted:
            realm = self._realm or f"{self.url}/token"
            challenge = f'Bearer realm="{realm}",service="fake"' if self._tokens else 'Basic realm="fake"'
            return web.Response(status=401, headers={"WWW-Authenticate": challenge})
        self.asked.append(f"{request.method} {request.path.rsplit('/', 2)[-2]}")
        return await handler(request)

    async def _root(self, request: web.Request) -> web.Response:
        return web.json_response({"name": request.path})

    async def _token(self, request: web.Request) -> web.Response:
        self.scopes.append(request.query["scope"])
        return web.json_response({"token": TOKEN})

    async def _manifest(self, request: web.Request) -> web.Response:
        found = self.manifests.get((request.match_info["name"], request.match_info["tag"]))
        return web.Response(body=found) if found else web.Response(status=404)

    async def _tag(self, request: web.Request) -> web.Response:
        self.manifests[request.match_info["name"], request.match_info["tag"]] = await request.read()
        return web.Response(status=201)

    async def _blob(self, request: web.Request) -> web.Response:
        return web.Response(status=200 if request.match_info["digest"] in self.blobs else 404)

    async def _begin(self, request: web.Request) -> web.Response:
        return web.Response(status=202, headers={"Location": f"{self._elsewhere}{request.path}7?state=a%3Db"})

    async def _end(self, request: web.Request) -> web.Response:
        content = await request.read()
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        if (request.query["digest"], request.query["state"]) != (digest, "a=b"):
            return web.Response(status=400, text="DIGEST_INVALID")
        self.blobs[digest] = content
        return web.Response(status=201)
