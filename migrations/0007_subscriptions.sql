-- Who is told of pulls' entries downstream. `settings` is JSON, sealed where there is a key: its URL may be a secret, and the signing secret
-- is one. `since` is NULL for one from the beginning.
CREATE TABLE IF NOT EXISTS subscriptions (
  subscription_id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, version INTEGER NOT NULL, sealed INTEGER NOT NULL, settings BLOB NOT NULL,
  enabled INTEGER NOT NULL, since INTEGER, failing_since INTEGER, paused_at INTEGER, gone_at INTEGER, resumed_from INTEGER,
  resumed_at INTEGER) WITHOUT ROWID;
-- Which pulls were delivered to a subscription, and when that was last copied from the pull.
CREATE TABLE IF NOT EXISTS lanes (
  subscription_id TEXT NOT NULL, pull_id TEXT NOT NULL, updated_at INTEGER NOT NULL,
  PRIMARY KEY (subscription_id, pull_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS lanes_updated ON lanes (subscription_id, updated_at, pull_id);
CREATE INDEX IF NOT EXISTS lanes_pull ON lanes (pull_id);
