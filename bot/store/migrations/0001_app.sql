-- Webhooks received. A row is committed with the jobs that it asks for: it is there, so they are.
CREATE TABLE delivery (
    guid            text PRIMARY KEY,
    event           text NOT NULL,
    installation_id bigint,
    repository_id   bigint,
    received_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX delivery_received_at ON delivery (received_at);

-- Repositories that the App may look at. `due_at` is when a scan is wanted without anybody asking.
CREATE TABLE repository (
    repository_id   bigint PRIMARY KEY,
    installation_id bigint NOT NULL,
    due_at          timestamptz,
    due_reason      text NOT NULL DEFAULT ''
);
CREATE INDEX repository_installation_id ON repository (installation_id);
CREATE INDEX repository_due_at ON repository (due_at) WHERE due_at IS NOT NULL;

-- What scans did, for operators. `state` is one of bot.store.runs.RunState; `outcomes` and `log` are lines of text.
CREATE TABLE run (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id          bigint NOT NULL,
    installation_id bigint NOT NULL,
    repository_id   bigint NOT NULL,
    started_at      timestamptz NOT NULL DEFAULT now(),
    finished_at     timestamptz,
    state           text NOT NULL DEFAULT 'running',
    outcomes        text[] NOT NULL DEFAULT '{}',
    log             text[] NOT NULL DEFAULT '{}'
);
CREATE INDEX run_repository_id ON run (repository_id, started_at DESC);
CREATE INDEX run_started_at ON run (started_at);
