-- What code scanning was told of a repository's locks: the branch and the version of the log, empty if nothing.
ALTER TABLE repository ADD COLUMN alerts text NOT NULL DEFAULT '';
