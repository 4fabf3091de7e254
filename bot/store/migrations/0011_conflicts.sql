-- Pull requests of people that GitHub could not merge when the repository was scanned last, as `NUMBER:HEAD`: what is
-- said beside them is renewed where that has changed.
ALTER TABLE repository ADD COLUMN conflicting text[] NOT NULL DEFAULT '{}';
