"""Where pixi looks for the PyPI packages of an environment.

Rule of pixi: `[workspace.pypi-options]` hold everywhere, those of features are laid over them; of single values a
feature's wins, the first one's among several, as for each package that is overridden; lists are joined
(https://pixi.sh/latest/reference/pixi_manifest/#the-pypi-options-table).
"""

from collections.abc import Iterable
from dataclasses import replace

from bot.model.manifest import Declarations, Feature, Manifest, PypiOptions


def pypi_options(declarations: Declarations, features: Iterable[Feature]) -> PypiOptions:
    """Return the options that hold for an environment of *features*, the first of which come first."""
    base = declarations.pypi_options or PypiOptions()
    own = [each.pypi_options for each in features if each.pypi_options]
    single = [*own, base]
    return PypiOptions(
        index_url=_first(each.index_url for each in single),
        stand_in=declarations.stand_in,
        extra_index_urls=tuple(dict.fromkeys(url for each in (base, *own) for url in each.extra_index_urls)),
        index_strategy=_first(each.index_strategy for each in single),
        prerelease_mode=_first(each.prerelease_mode for each in single),
        has_find_links=any(each.has_find_links for each in single),
        unbuilt=tuple(dict.fromkeys(name for each in single for name in each.unbuilt)),
        overrides=tuple({one.name: one for each in reversed(single) for one in each.overrides}.values()),
    )


def with_stand_in(manifest: Manifest, index: str | None) -> Manifest:
    """Return *manifest* where *index*, if there is one, stands in place of PyPI's own."""
    if index is None or not manifest.format.is_pixi:
        return manifest
    return replace(manifest, declarations=replace(manifest.declarations, stand_in=index))


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value is not None), None)
