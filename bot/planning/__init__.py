"""Candidates, holds, groups and the search for what solves (pure)."""
