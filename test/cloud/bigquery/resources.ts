/** The parts of BigQuery's REST resources that the server keeps, reads or answers. */

export interface Field {
  readonly name: string;
  /** In the REST API's words: INTEGER, FLOAT, BOOLEAN, RECORD and so on. */
  readonly type: string;
  readonly mode?: 'NULLABLE' | 'REQUIRED' | 'REPEATED';
  readonly description?: string;
  readonly fields?: readonly Field[];
}

export interface Schema {
  readonly fields?: readonly Field[];
}

export type Labels = Readonly<Record<string, string>>;

export interface TimePartitioning {
  readonly type: string;
  readonly field?: string;
  readonly expirationMs?: string;
}

export interface TableReference {
  readonly projectId?: string;
  readonly datasetId: string;
  readonly tableId: string;
}

/** What a client may say of a table. */
export interface TableResource {
  readonly tableReference?: TableReference;
  readonly schema?: Schema;
  readonly description?: string | null;
  readonly friendlyName?: string | null;
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly expirationTime?: string | number | null;
  readonly timePartitioning?: TimePartitioning;
  readonly rangePartitioning?: unknown;
  readonly clustering?: { readonly fields?: readonly string[] };
  readonly requirePartitionFilter?: boolean;
}

/** What a client may say of a dataset. */
export interface DatasetResource {
  readonly datasetReference?: { readonly projectId?: string; readonly datasetId?: string };
  readonly location?: string;
  readonly description?: string | null;
  readonly friendlyName?: string | null;
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly defaultTableExpirationMs?: string | null;
}

export interface ErrorProto {
  readonly reason: string;
  readonly message: string;
  readonly location?: string;
}

export interface QueryParameter {
  readonly name?: string;
  readonly parameterType?: ParameterType;
  readonly parameterValue?: ParameterValue;
}

export interface ParameterType {
  readonly type: string;
  readonly arrayType?: ParameterType;
}

export interface ParameterValue {
  readonly value?: string | null;
  readonly arrayValues?: readonly ParameterValue[];
}

export interface QueryConfiguration {
  readonly query?: string;
  readonly useLegacySql?: boolean;
  readonly defaultDataset?: { readonly projectId?: string; readonly datasetId?: string };
  readonly maximumBytesBilled?: string | number;
  readonly destinationTable?: TableReference;
  readonly writeDisposition?: string;
  readonly createDisposition?: string;
  readonly queryParameters?: readonly QueryParameter[];
}

export interface LoadConfiguration {
  readonly destinationTable?: TableReference;
  readonly sourceFormat?: string;
  readonly sourceUris?: readonly string[];
  readonly schema?: Schema;
  readonly writeDisposition?: string;
  readonly createDisposition?: string;
  readonly autodetect?: boolean;
  readonly parquetOptions?: { readonly enableListInference?: boolean };
  readonly timePartitioning?: TimePartitioning;
  readonly clustering?: { readonly fields?: readonly string[] };
}

export interface CopyConfiguration {
  readonly sourceTable?: TableReference;
  readonly sourceTables?: readonly TableReference[];
  readonly destinationTable?: TableReference;
  readonly writeDisposition?: string;
  readonly createDisposition?: string;
  readonly operationType?: string;
}

export interface JobConfiguration {
  readonly query?: QueryConfiguration;
  readonly load?: LoadConfiguration;
  readonly copy?: CopyConfiguration;
  readonly dryRun?: boolean;
  readonly labels?: Labels;
  readonly jobTimeoutMs?: string | number;
}

/** What a client sends to start a job. */
export interface JobResource {
  readonly configuration?: JobConfiguration;
  readonly jobReference?: {
    readonly projectId?: string;
    readonly jobId?: string;
    readonly location?: string;
  };
}
