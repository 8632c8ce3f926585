-- Versions of workflow groups: immutable. `definition` is the JSON that was put, sealed where there is a key: a URL in it may be a secret.
CREATE TABLE IF NOT EXISTS flow_groups (
  group_id TEXT NOT NULL, version INTEGER NOT NULL, digest TEXT NOT NULL, sealed INTEGER NOT NULL, definition BLOB NOT NULL,
  created_at INTEGER NOT NULL, caller TEXT NOT NULL, PRIMARY KEY (group_id, version)) WITHOUT ROWID;
