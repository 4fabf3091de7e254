-- Why nothing is written anywhere: a person said so, or the breaker did. Every row has to go before writes go on.
CREATE TABLE halt (
    cause    text PRIMARY KEY,
    sentence text NOT NULL,
    at       timestamptz NOT NULL DEFAULT now()
);

-- Pull requests of the bot, as deliveries tell of them: what the breaker counts. `ended` is 'merged' or 'closed'.
CREATE TABLE pull (
    repository_id   bigint NOT NULL REFERENCES repository ON DELETE CASCADE,
    number          integer NOT NULL,
    installation_id bigint NOT NULL,
    opened_at       timestamptz NOT NULL DEFAULT now(),
    ended           text NOT NULL DEFAULT '',
    PRIMARY KEY (repository_id, number)
);
CREATE INDEX pull_opened_at ON pull (opened_at);

-- What the pages go by: names, for lists and for finding.
CREATE INDEX installation_account ON installation (lower(account), installation_id);
CREATE INDEX repository_page ON repository (installation_id, full_name, repository_id);
DROP INDEX repository_installation_id;
CREATE INDEX repository_name ON repository (lower(full_name));
