-- What the columns of an asset held when they were profiled, so that drift has a history. Times are milliseconds
-- since 1970, days are days since 1970-01-01; figures are those of the column's values as numbers.

CREATE TABLE profiles (
  id INTEGER PRIMARY KEY,
  target INTEGER NOT NULL REFERENCES targets,
  asset INTEGER NOT NULL REFERENCES assets,
  -- The run that materialized the rows, or the id of the profile command.
  run INTEGER NOT NULL REFERENCES run_ids,
  at INTEGER NOT NULL,
  -- Whether all rows were read, and of which partitions; NULL of an unpartitioned asset.
  is_whole INTEGER NOT NULL CHECK (is_whole IN (0, 1)),
  first_day INTEGER,
  last_day INTEGER,
  rows INTEGER NOT NULL
) STRICT;
CREATE INDEX profiles_by_asset ON profiles (target, asset, id);

CREATE TABLE profile_columns (
  profile INTEGER NOT NULL REFERENCES profiles,
  position INTEGER NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  nulls INTEGER NOT NULL,
  distinct_values INTEGER,
  minimum REAL,
  maximum REAL,
  mean REAL,
  sd REAL,
  -- JSON array, empty where only light figures were taken.
  quantiles TEXT NOT NULL,
  PRIMARY KEY (profile, position)
) STRICT, WITHOUT ROWID;
