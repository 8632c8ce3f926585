-- The book: of each account the policies of its newest pull that says what it has, made of what each pull's line says. `account` is a
-- keyed hash of the account's identifier, else the pull that its monitoring began with, else the pull; `former_account` what it was before.
-- `book` is a JSON array of the pull's policies, NULL where nothing is known of them. Lines of before have both with their next copy.
ALTER TABLE pulls ADD COLUMN account TEXT;
ALTER TABLE pulls ADD COLUMN former_account TEXT;
ALTER TABLE pulls ADD COLUMN book TEXT;
CREATE INDEX IF NOT EXISTS pulls_account ON pulls (account, created_at, pull_id) WHERE account IS NOT NULL;
-- `expires` is the expiry day, or `none`, which is behind every day.
CREATE TABLE IF NOT EXISTS policies (
  account TEXT NOT NULL, policy_id TEXT NOT NULL, pull_id TEXT NOT NULL, expires TEXT NOT NULL, line TEXT, policy_type TEXT,
  carrier TEXT, status TEXT, effective_date TEXT, total_premium_cents INTEGER, annualized_premium_cents INTEGER, state TEXT,
  is_held INTEGER NOT NULL, PRIMARY KEY (account, policy_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS policies_expires ON policies (expires, policy_id, pull_id);
CREATE INDEX IF NOT EXISTS policies_line ON policies (line, expires, policy_id, pull_id);
