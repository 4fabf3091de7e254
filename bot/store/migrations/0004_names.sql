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

-- What the locks of a repository hold: records are rows, and a repository has the set of their numbers. The sets are kept
-- out of line, so that repositories are counted without reading them.
CREATE TABLE locked_record (
    record_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name      text NOT NULL,
    version   text NOT NULL,
    sha256    bytea,
    known_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (name, version, sha256)
);
CREATE INDEX locked_record_sha256 ON locked_record (sha256);
CREATE TABLE locked (
    repository_id bigint PRIMARY KEY REFERENCES repository ON DELETE CASCADE,
    records       integer[] NOT NULL
) WITH (toast_tuple_target = 128);
CREATE INDEX locked_records ON locked USING gin (records);
