"""A lock rewritten after a manifest was edited is what pixi asks for: nothing else has to change."""

import pytest

from bot.lockfiles import Solutions, parse, rewrite
from bot.model.manifest import Subdir
from tests.lockfiles.cases import record
from tests.oracle.pixi_locked import DeclaredEnvironment, DeclaredPlatform, out_of_date

CHANNEL = "https://conda.anaconda.org/conda-forge"
ENVIRONMENTS = f"""\
environments:
  default:
    channels:
    - url: {CHANNEL}/
    packages:
      linux-64:
      - conda: {CHANNEL}/linux-64/libzlib-1.3.1-h0_0.conda
      - conda: {CHANNEL}/linux-64/minizip-4.0-h0_0.conda
      - conda: {CHANNEL}/linux-64/zlib-1.3.1-h0_0.conda
packages:
- conda: {CHANNEL}/linux-64/libzlib-1.3.1-h0_0.conda
- conda: {CHANNEL}/linux-64/minizip-4.0-h0_0.conda
- conda: {CHANNEL}/linux-64/zlib-1.3.1-h0_0.conda
  depends:
  - libzlib 1.3.1 h0_0
  - minizip
"""
LOCKS = {6: f"version: 6\n{ENVIRONMENTS}", 7: f"version: 7\nplatforms:\n- name: linux-64\n{ENVIRONMENTS}"}
SOLVED: Solutions = {
    ("default", Subdir("linux-64")): (
        record(name="libzlib", version="1.3.2"),
        record(name="zlib", version="1.3.2", depends=["libzlib 1.3.2 h0_0", "__glibc >=2.17"]),
    )
}


@pytest.mark.parametrize("version", [6, 7])
def test_the_edited_manifest_finds_its_lock_up_to_date(version: int) -> None:
    text = LOCKS[version]
    edited = [
        DeclaredEnvironment(channels=(CHANNEL,), platforms={"linux-64": DeclaredPlatform(specs=("zlib >=1.3.2",))})
    ]
    assert out_of_date(edited, text) == ["default on linux-64: zlib >=1.3.2, wanted by the manifest, is not met"]

    rewritten = rewrite(parse("pixi.lock", text.encode()), text, SOLVED)

    assert out_of_date(edited, rewritten) == []
