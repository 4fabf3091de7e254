"""What the contracts of `pyproject.toml` leave open: they compare the parts of a package with each other alone."""

import grimp


def test_nothing_imports_a_package_that_it_is_in() -> None:
    """So there are no circles between a package's `__init__` and its parts; `bot` itself imports nothing."""
    graph = grimp.build_graph("bot", cache_dir=None)
    imports = [(each, other) for each in graph.modules for other in graph.find_modules_directly_imported_by(each)]

    assert not graph.find_modules_directly_imported_by("bot")
    assert [(each, other) for each, other in imports if other != "bot" and each.startswith(f"{other}.")] == []
