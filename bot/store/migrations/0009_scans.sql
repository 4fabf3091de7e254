-- What a run was: a scan by what it was wanted for (`push`, `day`, ...), else `look` or `command`. What is held back
-- stands in the last scan, however many pull requests of people were looked at since.
ALTER TABLE run ADD COLUMN kind text NOT NULL DEFAULT '';
CREATE INDEX run_scan ON run (repository_id, started_at DESC, id DESC) WHERE kind NOT IN ('look', 'command');
