-- What `partitions` holds of one asset as one value of five 64-bit big-endian words per partition, ascending by day,
-- so that a command reads a million partitions at once. Made at the end of a run for the assets that lack it; the
-- triggers drop it in the transaction that changes any of its partitions, whoever writes.

CREATE TABLE packed_partitions (
  target INTEGER NOT NULL,
  asset INTEGER NOT NULL,
  words BLOB NOT NULL,
  PRIMARY KEY (target, asset)
) STRICT;

CREATE TRIGGER partitions_inserted AFTER INSERT ON partitions BEGIN
  DELETE FROM packed_partitions WHERE target = new.target AND asset = new.asset;
END;

CREATE TRIGGER partitions_updated AFTER UPDATE ON partitions BEGIN
  DELETE FROM packed_partitions WHERE target IN (old.target, new.target) AND asset IN (old.asset, new.asset);
END;

CREATE TRIGGER partitions_deleted AFTER DELETE ON partitions BEGIN
  DELETE FROM packed_partitions WHERE target = old.target AND asset = old.asset;
END;
