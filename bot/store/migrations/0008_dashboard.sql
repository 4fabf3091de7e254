-- The number of the issue that is a repository's dashboard, so that it is closed once it is not wanted; 0 for none.
ALTER TABLE repository ADD COLUMN dashboard bigint NOT NULL DEFAULT 0;
