-- Whether an instance's runs wait where they are.
ALTER TABLE instances ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
