-- Changes of people that are to be looked at: pull requests by number, heads of a merge queue by commit (with what they
-- are compared with). A row stays while it is looked at, so that nothing is lost and what failed is known.
CREATE TABLE look (
    repository_id bigint NOT NULL REFERENCES repository ON DELETE CASCADE,
    number        integer NOT NULL,
    head          text NOT NULL,
    base          text NOT NULL DEFAULT '',
    wanted_at     timestamptz,
    next_try_at   timestamptz,
    failures      integer NOT NULL DEFAULT 0,
    PRIMARY KEY (repository_id, number, head)
);
CREATE INDEX look_wanted_at ON look (wanted_at) WHERE wanted_at IS NOT NULL;

-- When an account had its last look: people of one account do not wait for those of another.
ALTER TABLE installation ADD COLUMN looked_at timestamptz NOT NULL DEFAULT '-infinity';

-- Those that may be handed over now: nobody is looking, and nobody wants to be left alone.
CREATE VIEW due_look AS
SELECT repository_id, installation_id, number, look.head, base, look.wanted_at, looked_at
FROM look JOIN repository USING (repository_id) JOIN installation USING (installation_id)
WHERE look.wanted_at IS NOT NULL AND coalesce(look.next_try_at, look.wanted_at) <= now()
AND NOT suspended AND NOT installation.paused AND NOT repository.paused AND (ticked OR NOT archived AND NOT fork)
AND NOT EXISTS (
    SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing')
    AND lock = 'pull:' || repository_id || ':' || CASE WHEN number > 0 THEN number::text ELSE look.head END
);
