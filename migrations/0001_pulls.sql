-- The list of pulls. No value of a consumer's stands in it: a posting is a keyed hash of what a pull is found by,
-- alone and together with its status.
CREATE TABLE IF NOT EXISTS pulls (
  pull_id TEXT PRIMARY KEY, revision INTEGER NOT NULL, status TEXT, complete INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, places TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pulls_created ON pulls (created_at, pull_id);
CREATE TABLE IF NOT EXISTS postings (
  hash TEXT NOT NULL, created_at INTEGER NOT NULL, pull_id TEXT NOT NULL,
  PRIMARY KEY (hash, created_at, pull_id)) WITHOUT ROWID;
