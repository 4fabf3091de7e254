"""Names, match specs, version order and version ranges, of conda and of PyPI.

Rule 1: py-rattler alone says what a match spec means and how conda versions order, `packaging` says it for PyPI.
Rule 2: what is written by hand is located and spliced, never printed anew, so its spelling survives.
"""
