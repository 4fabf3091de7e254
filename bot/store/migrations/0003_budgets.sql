-- What may still be asked of GitHub, one row for each installation (0 is the App itself): bot.store.budgets.
-- The columns `..._tat` are the "theoretical arrival times" of the generic cell rate algorithm (ITU-T I.371): when the
-- next request would be due if all came at an even pace. How far that lies ahead of now is how much was used up.
-- Not logged: after a crash of the server it is empty, and GitHub's answers fill it again.
CREATE UNLOGGED TABLE budget (
    installation_id   bigint PRIMARY KEY,
    write_tat         timestamptz NOT NULL DEFAULT 'epoch',
    hour_tat          timestamptz NOT NULL DEFAULT 'epoch',
    core_tat          timestamptz NOT NULL DEFAULT 'epoch',
    graphql_tat       timestamptz NOT NULL DEFAULT 'epoch',
    -- Writes that are kept for somebody: for each, when that ends. Two of the same reservation are equal.
    kept_until        timestamptz[] NOT NULL DEFAULT '{}',
    -- Primary limits, as GitHub's answers said: nothing is known before the first and after the reset.
    core_limit        integer NOT NULL DEFAULT 0,
    core_remaining    integer NOT NULL DEFAULT 0,
    core_reset        timestamptz NOT NULL DEFAULT 'epoch',
    graphql_limit     integer NOT NULL DEFAULT 0,
    graphql_remaining integer NOT NULL DEFAULT 0,
    graphql_reset     timestamptz NOT NULL DEFAULT 'epoch',
    -- Secondary limits: nothing is sent before. `strikes` counts those in a row for which GitHub named no time.
    blocked_until     timestamptz NOT NULL DEFAULT 'epoch',
    strikes           integer NOT NULL DEFAULT 0
);
