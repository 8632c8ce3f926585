-- The audit log: who asked what, of which pull, and what was answered; no bodies. A row without a status is of a call whose
-- end was not noted.
CREATE TABLE IF NOT EXISTS audit (
  at INTEGER NOT NULL, request_id TEXT NOT NULL, caller TEXT NOT NULL, operation TEXT NOT NULL, method TEXT NOT NULL,
  pull_id TEXT, status INTEGER, PRIMARY KEY (at, request_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS audit_caller ON audit (caller, at, request_id);
CREATE INDEX IF NOT EXISTS audit_pull ON audit (pull_id, at, request_id) WHERE pull_id IS NOT NULL;
