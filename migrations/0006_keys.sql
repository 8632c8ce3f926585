-- The keys of EDGE_SNAPSHOT_KEY that each pull has something under, an empty one for what lies in the clear. A pull of before, of
-- which nothing was written since, has no row until it is looked through by a rotation.
CREATE TABLE IF NOT EXISTS pull_keys (key_id TEXT NOT NULL, pull_id TEXT NOT NULL, PRIMARY KEY (key_id, pull_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pull_keys_pull ON pull_keys (pull_id);
