"""Run conda-store's own server on a free port of localhost: `python run_conda_store.py CONFIGURATION`.

Its workers need conda, which is on no package index; the server only imports it. So whatever is asked of conda is
stood in for: nothing of that is called by a request.
"""

import importlib.abc
import importlib.machinery
import sys
from types import ModuleType
from unittest.mock import MagicMock


class _StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, fullname: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        del path, target
        is_conda = fullname.partition(".")[0] == "conda"
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True) if is_conda else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        made = MagicMock(name=spec.name, __path__=[], __spec__=spec)
        made.context.subdir = "linux-64"
        return made

    def exec_module(self, module: ModuleType) -> None:
        del module


sys.meta_path.insert(0, _StandIns())
from conda_store_server._internal.server.app import CondaStoreServer  # noqa: E402 -- it imports conda

# It makes another one of itself for uvicorn, which reads the arguments again.
sys.argv = [sys.argv[0], f"--CondaStoreServer.config_file={sys.argv[1]}"]
server = CondaStoreServer()
server.initialize()
server.start()
