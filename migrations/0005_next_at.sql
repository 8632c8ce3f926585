-- When the next event of a pull comes by itself, or its next work is due: should its alarm be lost it is woken by this.
ALTER TABLE pulls ADD COLUMN next_at INTEGER;
CREATE INDEX IF NOT EXISTS pulls_next ON pulls (next_at) WHERE next_at IS NOT NULL;
