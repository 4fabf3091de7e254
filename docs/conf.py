"""How the documents become a site: `make site`. Every warning is an error there, a link that leads nowhere too."""

from bot import __version__

project = "condabot"
copyright = "condabot contributors"  # noqa: A001 -- Sphinx reads this name
release = __version__

extensions = ["myst_parser"]
exclude_patterns = ["_build"]
myst_heading_anchors = 4
"""Headings of this depth can be linked to, by the names that GitHub gives them."""

suppress_warnings = ["toc.not_included"]
"""A page that is not in the reading order yet is built, and found by searching."""

html_theme = "furo"
html_title = "condabot"
html_copy_source = False
html_show_sphinx = False
