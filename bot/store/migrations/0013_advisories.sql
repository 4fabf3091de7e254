-- What advisories said last of each project, as hashes: who holds one of which something else is said now is woken.
CREATE TABLE advisory_hash (name text PRIMARY KEY, hash bytea NOT NULL);
