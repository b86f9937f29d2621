-- The record of what was materialized, and how. Names are kept once and referred to by small numbers, so that a
-- million partitions stay small; hashes are two unsigned 32-bit halves, which JavaScript reads as plain numbers.
-- Days are days since 1970-01-01, times are milliseconds since 1970.

CREATE TABLE targets (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  warehouse_fingerprint TEXT
) STRICT;

CREATE TABLE assets (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE code_versions (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

-- Apart from `runs`: events adopted from a warehouse may name runs that another state file recorded.
CREATE TABLE run_ids (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE runs (
  run INTEGER PRIMARY KEY REFERENCES run_ids,
  target INTEGER NOT NULL REFERENCES targets,
  command TEXT NOT NULL,
  status TEXT NOT NULL
    CHECK (status IN ('running', 'succeeded', 'failed', 'interrupted', 'crashed')),
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  message TEXT
) STRICT;
CREATE INDEX runs_by_target ON runs (target, started_at);

CREATE TABLE steps (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs,
  target INTEGER NOT NULL REFERENCES targets,
  asset INTEGER NOT NULL REFERENCES assets,
  first_day INTEGER NOT NULL,
  last_day INTEGER NOT NULL,
  partitions INTEGER NOT NULL,
  status TEXT NOT NULL
    CHECK (status IN ('running', 'succeeded', 'failed', 'skipped', 'interrupted', 'crashed')),
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  rows INTEGER NOT NULL DEFAULT 0,
  summary TEXT
) STRICT;
CREATE INDEX steps_by_run ON steps (run);
CREATE INDEX steps_by_asset ON steps (target, asset);

CREATE TABLE attempts (
  id INTEGER PRIMARY KEY,
  step INTEGER NOT NULL REFERENCES steps,
  number INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  category TEXT,
  message TEXT
) STRICT;
CREATE INDEX attempts_by_step ON attempts (step);

-- One row per partition. Rows, hashes, code and sequence describe the newest good content (0 without any);
-- what an event knows besides is read from `events` by the two sequence numbers.
CREATE TABLE partitions (
  target INTEGER NOT NULL,
  asset INTEGER NOT NULL,
  day INTEGER NOT NULL,
  content INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  data_hi INTEGER NOT NULL,
  data_lo INTEGER NOT NULL,
  input_hi INTEGER NOT NULL,
  input_lo INTEGER NOT NULL,
  code INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  attempt_sequence INTEGER NOT NULL,
  PRIMARY KEY (target, asset, day)
) STRICT, WITHOUT ROWID;

-- Append-only. `changed` is 1 when the content differs from what it was before the event.
CREATE TABLE events (
  sequence INTEGER PRIMARY KEY,
  target INTEGER NOT NULL,
  asset INTEGER NOT NULL,
  day INTEGER NOT NULL,
  run INTEGER NOT NULL,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  changed INTEGER NOT NULL,
  rows_before INTEGER,
  rows INTEGER,
  data_hi INTEGER,
  data_lo INTEGER,
  code INTEGER,
  category TEXT,
  message TEXT,
  upstream INTEGER,
  upstream_day INTEGER,
  inputs BLOB
) STRICT;
CREATE INDEX events_by_partition ON events (target, asset, day, changed);
CREATE INDEX events_by_run ON events (run);

CREATE TABLE check_results (
  id INTEGER PRIMARY KEY,
  step INTEGER NOT NULL REFERENCES steps,
  asset INTEGER NOT NULL REFERENCES assets,
  day INTEGER NOT NULL,
  name TEXT NOT NULL,
  severity TEXT NOT NULL CHECK (severity IN ('error', 'warn')),
  blocking INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  sample TEXT
) STRICT;
CREATE INDEX check_results_by_step ON check_results (step);

CREATE TABLE definitions (
  asset INTEGER NOT NULL REFERENCES assets,
  code INTEGER NOT NULL REFERENCES code_versions,
  parts TEXT NOT NULL,
  upstream TEXT NOT NULL,
  PRIMARY KEY (asset, code)
) STRICT, WITHOUT ROWID;

-- Days and period indexes are arrays of 32-bit integers, little-endian.
CREATE TABLE calendars (
  target INTEGER NOT NULL REFERENCES targets,
  name TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  days BLOB NOT NULL,
  period_index BLOB NOT NULL,
  periods TEXT NOT NULL,
  PRIMARY KEY (target, name)
) STRICT;

CREATE TABLE observations (
  target INTEGER NOT NULL REFERENCES targets,
  asset INTEGER NOT NULL REFERENCES assets,
  quick TEXT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (target, asset)
) STRICT, WITHOUT ROWID;

CREATE TABLE leases (
  target INTEGER PRIMARY KEY REFERENCES targets,
  run TEXT NOT NULL,
  pid INTEGER NOT NULL,
  host TEXT NOT NULL,
  command TEXT NOT NULL,
  acquired_at INTEGER NOT NULL,
  heartbeat_at INTEGER NOT NULL
) STRICT;
