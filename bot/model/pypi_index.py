"""PyPI's own index."""


def default_index_url() -> str:
    """Return the URL of PyPI's own simple index."""
    return "https://index.example/simple/"
