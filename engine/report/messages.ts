/** What a failure category means to the person who reads it, and what to do about it. */
interface CategoryText {
  readonly title: string;
  readonly hint: string;
}

const CATEGORIES: Readonly<Record<string, CategoryText>> = {
  EMPTY_RESULT: {
    title: 'no rows where the calendar expects some',
    hint: 'look at the source file or the upstream rows of that date; if none are right, declare an expected_empty rule with its reason',
  },
  EMPTY_CALENDAR: {
    title: 'the calendar came out without a date',
    hint: 'check the rows of the asset that the calendar is read from, and its where: condition',
  },
  CALENDAR_AMBIGUOUS: {
    title: 'a date of the calendar belongs to several periods',
    hint: 'correct the rows or the where: condition of the calendar, so that each date has one period',
  },
  SOURCE_EMPTY: {
    title: 'the source file is empty',
    hint: 'fetch the file again, then materialize again; what was materialized before is kept',
  },
  SOURCE_MISSING: {
    title: 'the source file is not there',
    hint: 'check the path of the source in pipeline.yaml and the variables in it',
  },
  SOURCE_UNREADABLE: {
    title: 'the source could not be read',
    hint: 'the file is damaged or not of the format that the source has in pipeline.yaml: fetch it again, or correct the format',
  },
  SCHEMA_MISMATCH: {
    title: 'the files do not have the declared columns',
    hint: 'correct the columns of the source in pipeline.yaml (from: gives the name in the file), or the file',
  },
  UNDATED_ROW: {
    title: 'a row of the source has no date, so that it belongs to no partition',
    hint: 'correct or remove the row, then materialize again; no row is left out in silence',
  },
  CHECK_FAILED: {
    title: 'a blocking check failed, the rows were not published',
    hint: 'fastbreak logs last shows offending rows; correct the rows or the check, then materialize again',
  },
  DATA_ERROR: {
    title: 'the statement failed on the rows of these partitions',
    hint: 'the message names the value; guard the expression (SAFE_CAST, NULLIF) or correct the source',
  },
  STATEMENT_ERROR: {
    title: 'the statement itself is wrong',
    hint: 'correct the SQL file; fastbreak compile --show sql prints the statement of the target',
  },
  RELATION_NOT_FOUND: {
    title: 'a table that the statement reads is not there',
    hint: 'materialize the upstream asset first',
  },
  MODULE_ERROR: {
    title: 'the module threw an error',
    hint: 'correct the module, at the line that the message names if it names one',
  },
  SCHEMA_DRIFT: {
    title: 'the table does not have the declared columns',
    hint: 'bring the declared columns and the actual ones together',
  },
  OUT_OF_MEMORY: {
    title: 'the statement needed more memory than allowed',
    hint: 'lower batch: of the asset or raise memory_limit: of the target',
  },
  DISK_FULL: {
    title: 'the disk is full',
    hint: 'free some space, then run the same command again',
  },
  IO_ERROR: {
    title: 'a file could not be read or written',
    hint: 'check the disk and the permissions, then run the same command again',
  },
  TIMEOUT: {
    title: 'the statement ran longer than its timeout',
    hint: 'raise timeout: of the asset or lower its batch:',
  },
  RATE_LIMIT: {
    title: 'the warehouse refused for now: too many requests',
    hint: 'wait, then run the same command again',
  },
  QUOTA: {
    title: 'a quota of the warehouse is used up',
    hint: 'wait or raise the quota, then run the same command again',
  },
  CONNECTION_ERROR: {
    title: 'the network failed more often than retries allow',
    hint: 'run the same command again when the network is back',
  },
  TRANSACTION_CONFLICT: {
    title: 'another writer was in the way more often than retries allow',
    hint: 'run the same command again',
  },
  WAREHOUSE_LOCKED: {
    title: 'another process holds the warehouse',
    hint: 'wait for it to end, then run the same command again',
  },
  WAREHOUSE_DAMAGED: {
    title: 'the warehouse file is damaged',
    hint: 'move the warehouse file away and materialize again: it is made anew from the sources',
  },
  WAREHOUSE_UNWRITABLE: {
    title: 'the warehouse cannot be written',
    hint: 'check the permissions of its file and folder',
  },
  WAREHOUSE_UNAVAILABLE: {
    title: 'the warehouse cannot be reached',
    hint: 'check the target in pipeline.yaml and your credentials',
  },
  WAREHOUSE_ERROR: {
    title: 'the warehouse failed',
    hint: 'run the same command again; fastbreak logs has its message',
  },
  PERMISSION_DENIED: {
    title: 'the warehouse denied access',
    hint: 'give the account the rights that the message names',
  },
  INTERRUPTED: {
    title: 'the run was stopped',
    hint: 'run the same command again: what is done is not done twice',
  },
  BLOCKED: {
    title: 'an upstream partition stands in the way',
    hint: 'mend the upstream partition, then run the same command again',
  },
};

/** A short explanation of a failure category; the category itself when nothing better is known. */
export function categoryTitle(category: string): string {
  return CATEGORIES[category]?.title ?? category.toLowerCase().replaceAll('_', ' ');
}

/** What to do about failures of a category. */
export function categoryHint(category: string): string | undefined {
  return CATEGORIES[category]?.hint;
}
