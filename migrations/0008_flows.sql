-- Versions of workflow groups: immutable. `definition` is the JSON that was put, sealed where there is a key: a URL in it may be a secret.
CREATE TABLE IF NOT EXISTS flow_groups (
  group_id TEXT NOT NULL, version INTEGER NOT NULL, digest TEXT NOT NULL, sealed INTEGER NOT NULL, definition BLOB NOT NULL,
  created_at INTEGER NOT NULL, caller TEXT NOT NULL, PRIMARY KEY (group_id, version)) WITHOUT ROWID;
-- Deployed groups. `settings` is JSON, sealed where there is a key. `since` is from when entries start runs; NULL while none do.
CREATE TABLE IF NOT EXISTS instances (
  instance_id TEXT PRIMARY KEY, group_id TEXT NOT NULL, version INTEGER NOT NULL, revision INTEGER NOT NULL, created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL, since INTEGER, sealed INTEGER NOT NULL, settings BLOB NOT NULL) WITHOUT ROWID;
-- The list of runs, copied from the objects in which they are: no data of a consumer's.
CREATE TABLE IF NOT EXISTS runs (
  run_id TEXT PRIMARY KEY, instance_id TEXT NOT NULL, group_id TEXT NOT NULL, version INTEGER NOT NULL, flow TEXT NOT NULL, pull_id TEXT,
  cause INTEGER, status TEXT NOT NULL, started_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, ended TEXT) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS runs_started ON runs (started_at, run_id);
CREATE INDEX IF NOT EXISTS runs_instance ON runs (instance_id, started_at, run_id);
CREATE INDEX IF NOT EXISTS runs_pull ON runs (pull_id, started_at, run_id);
