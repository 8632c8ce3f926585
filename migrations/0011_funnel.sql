-- How far visitors come: per day of the agency's zone, link, screen and how it was left. Nothing of anybody.
CREATE TABLE IF NOT EXISTS funnel (
  day TEXT NOT NULL, link TEXT NOT NULL, stage TEXT NOT NULL, outcome TEXT NOT NULL, count INTEGER NOT NULL, duration_ms INTEGER NOT NULL,
  PRIMARY KEY (day, link, stage, outcome)) WITHOUT ROWID;
