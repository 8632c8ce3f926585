-- What needs a person: each pull's open tasks, written with its copy. `subject` is a monitoring, a servicing action, or empty.
CREATE TABLE IF NOT EXISTS tasks (
  pull_id TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, since INTEGER NOT NULL,
  PRIMARY KEY (pull_id, kind, subject)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tasks_since ON tasks (since, pull_id, kind, subject);
-- Refreshes of one account, and what of each pull was fetched last. Lines of before have them with their next copy.
ALTER TABLE pulls ADD COLUMN initial_pull_id TEXT;
ALTER TABLE pulls ADD COLUMN monitoring_id TEXT;
ALTER TABLE pulls ADD COLUMN version INTEGER;
ALTER TABLE pulls ADD COLUMN fetched_at INTEGER;
CREATE INDEX IF NOT EXISTS pulls_monitoring ON pulls (monitoring_id, created_at) WHERE monitoring_id IS NOT NULL;
