"""Programs of other people read the locks of the samples: what the tests start from is what pixi users have."""

import json
import subprocess
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from tests.conftest import Reader

pytestmark = pytest.mark.verify

WRITE_AGAIN = "import sys, rattler; rattler.LockFile.from_path(sys.argv[1]).to_path(sys.argv[2])"
