"""Plans and proposals -> words (pure): branch names, titles, bodies, commit messages, check runs, tables."""
