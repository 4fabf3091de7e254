"""The platforms that there are, as conda names them."""

from typing import Final

from bot.model.manifest import Subdir

SUBDIRS: Final = tuple(
    Subdir(name)
    for name in (
        "emscripten-wasm32",
        "freebsd-64",
        "linux-32",
        "linux-64",
        "linux-aarch64",
        "linux-armv6l",
        "linux-armv7l",
        "linux-ppc64le",
        "linux-riscv64",
        "linux-s390x",
        "osx-64",
        "osx-arm64",
        "wasi-wasm32",
        "win-32",
        "win-64",
        "win-arm64",
        "zos-z",
    )
)
"""Every subdir that an environment is made for. Source: CEP 26."""
