-- What GitHub's dependency graph was told of a repository's locks: digests by key, so that nothing is told twice.
ALTER TABLE repository ADD COLUMN snapshots jsonb NOT NULL DEFAULT '{}';
