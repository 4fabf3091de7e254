-- Channels that repositories ask for packages, and the names that they ask there. Both are rows so that what a repository
-- asks for is a set of numbers.
CREATE TABLE channel (
    channel_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url        text NOT NULL UNIQUE
);
CREATE TABLE channel_name (
    name_id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel_id integer NOT NULL REFERENCES channel ON DELETE CASCADE,
    name       text NOT NULL,
    known_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (channel_id, name)
);

-- What the last scan of a repository asked for. `changed_at` is when that last became something else.
CREATE TABLE asked (
    repository_id bigint PRIMARY KEY REFERENCES repository ON DELETE CASCADE,
    names         integer[] NOT NULL,
    subdirs       text[] NOT NULL,
    changed_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX asked_names ON asked USING gin (names);
CREATE INDEX asked_changed_at ON asked (changed_at DESC, repository_id DESC);

-- The subdirs of channels in use: which state of each was seen last, and why it cannot be watched if it cannot.
CREATE TABLE channel_subdir (
    subdir_id  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel_id integer NOT NULL REFERENCES channel ON DELETE CASCADE,
    subdir     text NOT NULL,
    form       text,
    etag       text NOT NULL DEFAULT '',
    modified   text NOT NULL DEFAULT '',
    failures   integer NOT NULL DEFAULT 0,
    problem    text NOT NULL DEFAULT '',
    next_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (channel_id, subdir)
);
-- The hash of each name's records there. `changed_at` is NULL for what was there when the subdir was seen first.
CREATE TABLE channel_hash (
    subdir_id  integer NOT NULL REFERENCES channel_subdir ON DELETE CASCADE,
    name       text NOT NULL,
    hash       bytea NOT NULL,
    changed_at timestamptz,
    PRIMARY KEY (subdir_id, name)
);

-- Releases that too many repositories ask for to have them all scanned at once. A wave goes through them, the one whose
-- `changed_at` is the latest first, and stands at (`at`, `repository_id`). If there is another release meanwhile, it
-- begins again when it is through.
CREATE TABLE wave (
    name_id       integer PRIMARY KEY REFERENCES channel_name ON DELETE CASCADE,
    subdirs       text[] NOT NULL,
    released_at   timestamptz NOT NULL DEFAULT now(),
    began_at      timestamptz NOT NULL DEFAULT now(),
    served_at     timestamptz NOT NULL DEFAULT '-infinity',
    at            timestamptz,
    repository_id bigint NOT NULL DEFAULT 0
);

-- What the locks of repositories hold. A package is a name and a version with the files that one repository has of it, on
-- all platforms: so a lock is a set of few numbers. `digest` is that of `files`, which may be too many for an index.
CREATE TABLE locked_package (
    package_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL,
    version    text NOT NULL,
    digest     bytea NOT NULL,
    files      bytea[] NOT NULL,
    known_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (name, version, digest)
);
CREATE INDEX locked_package_files ON locked_package USING gin (files);
CREATE TABLE locked (
    repository_id bigint PRIMARY KEY REFERENCES repository ON DELETE CASCADE,
    packages      integer[] NOT NULL
);
CREATE INDEX locked_packages ON locked USING gin (packages);

-- Who holds any of `wanted`: how many repositories, and the first of them. Left to itself PostgreSQL would often go
-- through the table: it does not count what it costs to compare sets, which is by far the most.
CREATE FUNCTION condabot_holders(wanted integer[], most integer) RETURNS TABLE (holders bigint, first_ones bigint[])
LANGUAGE sql STABLE SET enable_seqscan = off SET work_mem = '64MB' AS $$
    WITH holding AS MATERIALIZED (SELECT repository_id FROM locked WHERE packages && wanted)
    SELECT (SELECT count(*) FROM holding),
        ARRAY(SELECT repository_id FROM holding ORDER BY repository_id LIMIT most)
$$;
