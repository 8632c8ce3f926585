-- The agency's personal links. `token` is what the link holds, sealed: its metadata stand nowhere else; empty once it was erased. `caller` is the name of the back
-- office's token that made it.
CREATE TABLE IF NOT EXISTS invitations (
  invitation_id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, revoked_at INTEGER, caller TEXT NOT NULL,
  token TEXT NOT NULL, opened_at INTEGER, opened_count INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS invitations_created ON invitations (created_at, invitation_id);
CREATE INDEX IF NOT EXISTS invitations_expiry ON invitations (expires_at);
CREATE INDEX IF NOT EXISTS invitations_sealed ON invitations (expires_at) WHERE token <> '';
-- The pulls that came of each, and how far they have come.
CREATE TABLE IF NOT EXISTS invitation_pulls (
  invitation_id TEXT NOT NULL, pull_id TEXT NOT NULL, created_at INTEGER NOT NULL, connected_at INTEGER, complete_at INTEGER,
  PRIMARY KEY (invitation_id, pull_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS invitation_pulls_pull ON invitation_pulls (pull_id);
