-- Accounts that the App is installed on. `next_at` and `next_priority` say whose turn it may be: when the first of its
-- repositories is due, and how urgent that one is. They may be early, never late.
CREATE TABLE installation (
    installation_id bigint PRIMARY KEY,
    account         text NOT NULL DEFAULT '',
    page            text NOT NULL DEFAULT '',
    everything      boolean NOT NULL DEFAULT false,
    suspended       boolean NOT NULL DEFAULT false,
    paused          boolean NOT NULL DEFAULT false,
    permissions     jsonb,
    list_at         timestamptz DEFAULT now(),
    listed_at       timestamptz,
    next_at         timestamptz,
    next_priority   smallint,
    served_at       timestamptz NOT NULL DEFAULT '-infinity',
    seen_at         timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX installation_turn ON installation (next_priority DESC, served_at) WHERE next_at IS NOT NULL;
CREATE INDEX installation_list_at ON installation (list_at) WHERE list_at IS NOT NULL;
INSERT INTO installation (installation_id) SELECT DISTINCT installation_id FROM repository;

-- A repository is a row, and whatever happens only raises `wanted_at`. `due_at` follows from the rest.
DROP INDEX repository_due_at;
ALTER TABLE repository
    DROP COLUMN due_at,
    DROP COLUMN due_reason,
    ADD COLUMN node_id     text NOT NULL DEFAULT '',
    ADD COLUMN full_name   text NOT NULL DEFAULT '',
    ADD COLUMN archived    boolean NOT NULL DEFAULT false,
    ADD COLUMN fork        boolean NOT NULL DEFAULT false,
    ADD COLUMN ticked      boolean NOT NULL DEFAULT false,
    ADD COLUMN paused      boolean NOT NULL DEFAULT false,
    ADD COLUMN wanted_at   timestamptz,
    ADD COLUMN priority    smallint NOT NULL DEFAULT 0,
    ADD COLUMN reason      text NOT NULL DEFAULT '',
    ADD COLUMN head        text NOT NULL DEFAULT '',
    ADD COLUMN told        text NOT NULL DEFAULT '',
    ADD COLUMN paths       text[] NOT NULL DEFAULT '{}',
    ADD COLUMN scanned_at  timestamptz,
    ADD COLUMN last_ok_at  timestamptz,
    ADD COLUMN failures    integer NOT NULL DEFAULT 0,
    ADD COLUMN next_try_at timestamptz;
ALTER TABLE repository ADD COLUMN due_at timestamptz GENERATED ALWAYS AS (
    CASE WHEN wanted_at IS NOT NULL AND NOT paused AND (ticked OR NOT archived AND NOT fork)
         THEN greatest(wanted_at, next_try_at) END
) STORED;
CREATE INDEX repository_turn ON repository (installation_id, priority DESC, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX repository_next ON repository (installation_id, due_at) WHERE due_at IS NOT NULL;
-- Those that nobody is scanning or about to scan.
CREATE VIEW idle_repository AS SELECT repository_id, installation_id, priority, reason, due_at FROM repository
WHERE NOT EXISTS (SELECT FROM procrastinate_jobs WHERE lock = 'repo:' || repository_id AND status = 'doing')
AND NOT EXISTS (SELECT FROM procrastinate_jobs WHERE queueing_lock = 'scan:' || repository_id AND status = 'todo');
CREATE INDEX repository_rest ON repository (scanned_at);

-- The inbox. A delivery stands here as it came; the coordinator expands it and drops the body.
ALTER TABLE delivery
    ADD COLUMN body     bytea,
    ADD COLUMN state    text NOT NULL DEFAULT 'expanded',
    ADD COLUMN sentence text NOT NULL DEFAULT '';
CREATE INDEX delivery_new ON delivery (received_at) WHERE state = 'new';

-- What a run looked at and what for.
ALTER TABLE run
    ADD COLUMN reason   text NOT NULL DEFAULT '',
    ADD COLUMN requests integer NOT NULL DEFAULT 0;

-- Proposals that could not be published, by the key of their plan. After some failures one rests.
CREATE TABLE proposal (
    repository_id bigint NOT NULL REFERENCES repository ON DELETE CASCADE,
    key           text NOT NULL,
    failures      integer NOT NULL DEFAULT 0,
    sentence      text NOT NULL DEFAULT '',
    failed_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (repository_id, key)
);

-- Commits that the bot put on branches: each costs a repository a run of its CI.
CREATE TABLE push (
    repository_id bigint NOT NULL REFERENCES repository ON DELETE CASCADE,
    key           text NOT NULL,
    pushed_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX push_repository_id ON push (repository_id, pushed_at);

-- When something that is done for the whole App was done last: sweeping deliveries, listing installations.
CREATE TABLE mark (
    name text PRIMARY KEY,
    at   timestamptz NOT NULL
);

-- Whoever has work to give is told that there is some.
CREATE FUNCTION condabot_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('condabot', '');
    RETURN NULL;
END $$;
CREATE TRIGGER delivery_tell AFTER INSERT OR UPDATE OF body ON delivery
    FOR EACH STATEMENT EXECUTE FUNCTION condabot_tell();
CREATE TRIGGER installation_tell AFTER INSERT OR UPDATE OF next_at, list_at ON installation
    FOR EACH STATEMENT EXECUTE FUNCTION condabot_tell();
CREATE TRIGGER job_tell AFTER DELETE OR UPDATE OF status ON procrastinate_jobs
    FOR EACH ROW EXECUTE FUNCTION condabot_tell(); -- not for the statement of a worker that finds no job

-- A repository whose scan has ended, that may be touched again or that has moved is due where it is now.
CREATE FUNCTION condabot_due(id bigint) RETURNS void LANGUAGE sql AS $$
    UPDATE installation SET next_at = least(next_at, due_at),
        next_priority = CASE WHEN next_at IS NULL THEN priority ELSE greatest(next_priority, priority) END
    FROM repository WHERE repository_id = id AND due_at IS NOT NULL
    AND repository.installation_id = installation.installation_id
$$;
CREATE FUNCTION condabot_repository_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM condabot_due(NEW.repository_id);
    RETURN NULL;
END $$;
CREATE FUNCTION condabot_scan_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM condabot_due(substr(OLD.lock, 6)::bigint);
    RETURN NULL;
END $$;
CREATE TRIGGER repository_due AFTER UPDATE OF installation_id, archived, fork, ticked, paused ON repository
    FOR EACH ROW WHEN (
        NEW.due_at IS NOT NULL AND (OLD.due_at IS NULL OR OLD.installation_id <> NEW.installation_id)
    ) EXECUTE FUNCTION condabot_repository_due();
CREATE TRIGGER scan_ended AFTER DELETE OR UPDATE OF status ON procrastinate_jobs
    FOR EACH ROW WHEN (OLD.status = 'doing' AND OLD.lock LIKE 'repo:%') EXECUTE FUNCTION condabot_scan_ended();
