"""PyPI's own index, which a library knows."""


def default_index_url() -> str:
    """Return the URL of PyPI's own simple index."""
    from pypi_simple import PYPI_SIMPLE_ENDPOINT  # noqa: PLC0415 -- a third of a second, and needed for PyPI only

    return PYPI_SIMPLE_ENDPOINT
