-- How far what a repository hands over is: by key, what each target was sent last, and what came of it.
ALTER TABLE repository ADD COLUMN handed jsonb NOT NULL DEFAULT '{}';
