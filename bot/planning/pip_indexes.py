"""Where pip looks for the packages of an `environment.yml`: by the options among the lines of its `pip:` section.

https://pip.pypa.io/en/stable/reference/requirements-file-format/#global-options
pip itself takes the newest that any index offers; here the first that has a name answers for it (threats: dependency
confusion), the main index before the others.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.model.manifest import Datasource, Dependency

_OPTION: Final = re.compile(
    r"(?:^|\s)(?P<option>-i|--index-url|--extra-index-url|-f|--find-links|--no-index)(?![\w-])[\s=]*(?P<value>\S*)"
)
_MAIN: Final = frozenset({"-i", "--index-url"})
_EXTRA: Final = "--extra-index-url"


@dataclass(frozen=True, slots=True, kw_only=True)
class PipIndexes:
    """The URLs of indexes as written, without credentials; `main` is None where it is the default one.

    `elsewhere` is the option by which pip looks where there is no index, empty if there is none.
    """

    main: str | None = None
    extra: tuple[str, ...] = ()
    elsewhere: str = ""


def pip_indexes(dependencies: Iterable[Dependency]) -> PipIndexes:
    """Return where pip looks by the lines among *dependencies*; of several main indexes the last one counts."""
    lines = (each.skip.detail for each in dependencies if each.skip and each.datasource is Datasource.PYPI)
    options = [(found["option"], found["value"].strip("'\"")) for line in lines for found in _OPTION.finditer(line)]
    main = [value for option, value in options if option in _MAIN]
    return PipIndexes(
        main=main[-1] if main else None,
        extra=tuple(value for option, value in options if option == _EXTRA),
        elsewhere=next((option for option, _ in options if option not in {*_MAIN, _EXTRA}), ""),
    )
