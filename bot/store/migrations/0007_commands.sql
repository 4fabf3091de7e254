-- What people asked for in pull requests, each by what they asked with (a comment, a button), until it was done. A row
-- stays while it is carried out, so that nothing is lost and what failed is known. Nobody asked for one without a login:
-- the bot itself did.
CREATE TABLE command (
    repository_id bigint NOT NULL REFERENCES repository ON DELETE CASCADE,
    number        integer NOT NULL,
    source        text NOT NULL,
    verb          text NOT NULL,
    argument      text NOT NULL,
    login         text NOT NULL,
    user_id       bigint NOT NULL,
    wanted_at     timestamptz,
    next_try_at   timestamptz,
    failures      integer NOT NULL DEFAULT 0,
    PRIMARY KEY (repository_id, number, source)
);
CREATE INDEX command_wanted_at ON command (wanted_at) WHERE wanted_at IS NOT NULL;

-- Those that may be handed over now: nobody is at that pull request, and nobody wants to be left alone.
CREATE VIEW due_command AS
SELECT repository_id, installation_id, number, source, command.wanted_at, looked_at
FROM command JOIN repository USING (repository_id) JOIN installation USING (installation_id)
WHERE command.wanted_at IS NOT NULL AND coalesce(command.next_try_at, command.wanted_at) <= now()
AND NOT suspended AND NOT installation.paused AND NOT repository.paused AND (ticked OR NOT archived AND NOT fork)
AND NOT EXISTS (
    SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND lock = 'pull:' || repository_id || ':' || number
);
