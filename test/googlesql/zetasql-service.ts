import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { PROTOS, requireFromPackage, serviceBinary } from './zetasql-binary.ts';
import { decode, type ProtoTable, type ProtoType, typeName, type Value } from './zetasql-values.ts';

/** The part of the gRPC client that is used here; the package of the service brings it. */
interface GrpcClient {
  readonly [method: string]: unknown;
  close(): void;
  waitForReady(deadline: number, done: (error?: Error) => void): void;
}
interface Grpc {
  readonly credentials: { createInsecure(): unknown };
  loadPackageDefinition(definition: unknown): {
    readonly zetasql: {
      readonly local_service: {
        readonly ZetaSqlLocalService: new (
          address: string,
          credentials: unknown,
          options: Readonly<Record<string, number>>,
        ) => GrpcClient;
      };
    };
  };
}
interface ProtoLoader {
  loadSync(file: string, options: Readonly<Record<string, unknown>>): unknown;
}
type Method = (
  request: object,
  options: { readonly deadline: number },
  done: (error: Error | null, response: unknown) => void,
) => void;

/** An error of the service: the statement is wrong, or failed while it was evaluated. */
export class ZetaSqlError extends Error {
  override readonly name = 'ZetaSqlError';
}

export interface AnalyzedColumn {
  readonly name: string;
  /** GoogleSQL name of the type. */
  readonly type: string;
}

export interface EvaluatedRows {
  readonly columns: readonly AnalyzedColumn[];
  readonly rows: readonly (readonly Value[])[];
}

/** A catalog as the service takes it; made by `pipeline-catalog.ts`. */
export type Catalog = Readonly<Record<string, unknown>>;

export type TableContents = Readonly<Record<string, ProtoTable>>;

/** One call of the service; an evaluation that takes longer is a slice too large. */
const DEADLINE_MS = 60_000;
/** Queries, and what a warehouse is told to do; scripts are analyzed statement by statement. */
const STATEMENT_KINDS = [
  'RESOLVED_QUERY_STMT',
  'RESOLVED_CREATE_FUNCTION_STMT',
  'RESOLVED_CREATE_SCHEMA_STMT',
  'RESOLVED_CREATE_TABLE_STMT',
  'RESOLVED_CREATE_TABLE_AS_SELECT_STMT',
  'RESOLVED_CREATE_MODEL_STMT',
  'RESOLVED_ALTER_TABLE_STMT',
  'RESOLVED_DROP_STMT',
  'RESOLVED_INSERT_STMT',
  'RESOLVED_DELETE_STMT',
  'RESOLVED_UPDATE_STMT',
  'RESOLVED_MERGE_STMT',
  'RESOLVED_TRUNCATE_STMT',
  'RESOLVED_BEGIN_STMT',
  'RESOLVED_COMMIT_STMT',
  'RESOLVED_ROLLBACK_STMT',
  'RESOLVED_ASSERT_STMT',
];
const NO_LIMIT = {
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
};

/** Google's analyzer and reference evaluator, as a process of its own. */
export class ZetaSqlService implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #client: GrpcClient;
  #language: object = {};

  private constructor(process: ChildProcess, client: GrpcClient) {
    this.#process = process;
    this.#client = client;
  }

  /** Starts the service on a free port, and waits until it answers. */
  static async start(attempts = 3): Promise<ZetaSqlService> {
    const { path } = serviceBinary;
    if (path === undefined) throw new Error(serviceBinary.reason);
    try {
      return await ZetaSqlService.#startOn(await freePort(), path);
    } catch (error) {
      // Somebody else may have taken the port meanwhile.
      if (attempts <= 1) throw error;
      return ZetaSqlService.start(attempts - 1);
    }
  }

  static async #startOn(port: number, path: string): Promise<ZetaSqlService> {
    const child = spawn(path, ['localhost', String(port)], { stdio: 'ignore' });
    // It would outlive tests that are broken off.
    process.once('exit', () => child.kill());
    const client = connect(port);
    const service = new ZetaSqlService(child, client);
    const ready = new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`the service ended with ${code}`)));
      client.waitForReady(Date.now() + DEADLINE_MS, (error) => (error ? reject(error) : resolve()));
    });
    try {
      await ready;
    } catch (error) {
      client.close();
      child.kill();
      throw error;
    }
    const features = await service.#call('GetLanguageOptions', { maximum_features: true });
    service.#language = {
      ...(features as object),
      product_mode: 'PRODUCT_EXTERNAL',
      supported_statement_kinds: STATEMENT_KINDS,
    };
    return service;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    const ended = new Promise((resolve) => this.#process.once('close', resolve));
    this.#process.kill();
    await ended;
  }

  /** Registers tables and functions for the calls that follow; returns their id. */
  async register(catalog: Catalog, contents: TableContents = {}): Promise<string> {
    const response = await this.#call('RegisterCatalog', {
      simple_catalog: {
        ...catalog,
        builtin_function_options: { language_options: this.#language },
      },
      table_content: contents,
    });
    return (response as { readonly registered_id: string }).registered_id;
  }

  /**
   * Names and types of what a query returns; none for a statement of another kind. Throws ZetaSqlError with line
   * and column when the statement is wrong.
   */
  async analyze(catalogId: string, sql: string): Promise<readonly AnalyzedColumn[]> {
    return outputColumns(await this.resolve(catalogId, sql));
  }

  /** The resolved tree of a statement. */
  async resolve(catalogId: string, sql: string): Promise<ResolvedStatement> {
    const response = await this.#call('Analyze', {
      registered_catalog_id: catalogId,
      sql_statement: sql,
      options: this.#options(),
    });
    return (response as { readonly resolved_statement: ResolvedStatement }).resolved_statement;
  }

  /** The rows of a query over tables with contents. */
  async evaluate(catalogId: string, sql: string): Promise<EvaluatedRows> {
    const response = await this.#call('EvaluateQuery', {
      registered_catalog_id: catalogId,
      sql,
      options: this.#options(),
    });
    const { prepared, content } = response as EvaluateResponse;
    const types = (prepared.columns ?? []).map(({ type }) => type);
    return {
      columns: (prepared.columns ?? []).map(({ name, type }) => ({ name, type: typeName(type) })),
      rows: (content?.table_data?.row ?? []).map(({ cell }) =>
        types.map((type, at) => decode(cell?.[at] ?? {}, type)),
      ),
    };
  }

  /** The tables that a statement reads, dotted. */
  async tableNames(sql: string): Promise<readonly string[]> {
    const response = await this.#call('ExtractTableNamesFromStatement', {
      sql_statement: sql,
      options: this.#language,
    });
    const { table_name } = response as {
      readonly table_name?: readonly { readonly table_name_segment: readonly string[] }[];
    };
    return (table_name ?? []).map((each) => each.table_name_segment.join('.'));
  }

  #options(): object {
    return {
      language_options: this.#language,
      default_timezone: 'UTC',
      error_message_mode: 'ERROR_MESSAGE_ONE_LINE',
      enabled_rewrites: ['REWRITE_INLINE_SQL_FUNCTIONS', 'REWRITE_PIVOT', 'REWRITE_UNPIVOT'],
      prune_unused_columns: true,
    };
  }

  #call(name: string, request: object): Promise<unknown> {
    // Methods of the client are made from the interface of the service.
    const method = this.#client[name] as Method;
    return new Promise((resolve, reject) => {
      method.call(
        this.#client,
        request,
        { deadline: Date.now() + DEADLINE_MS },
        (error, response) => {
          if (error === null) resolve(response);
          else reject(new ZetaSqlError(error.message));
        },
      );
    });
  }
}

/** Names and types of what a resolved query returns; none for a statement of another kind. */
export function outputColumns(statement: ResolvedStatement): readonly AnalyzedColumn[] {
  const columns = statement.resolved_query_stmt_node?.output_column_list ?? [];
  return columns.map(({ name, column }) => ({ name, type: typeName(column.type) }));
}

/** The part of a resolved tree that is read by name; the rest is walked. */
export interface ResolvedStatement {
  readonly resolved_query_stmt_node?: {
    readonly output_column_list?: readonly {
      readonly name: string;
      readonly column: { readonly type: ProtoType };
    }[];
  };
}

interface EvaluateResponse {
  readonly prepared: {
    readonly columns?: readonly { readonly name: string; readonly type: ProtoType }[];
  };
  readonly content?: Partial<ProtoTable>;
}

/** The resolved tree of a long statement nests deeper than messages commonly do. */
const DEEPEST_MESSAGE = 10_000;

interface DepthLimit {
  recursionLimit: number;
}

function allowDeepMessages(): void {
  const requireFromLoader = createRequire(requireFromPackage.resolve('@grpc/proto-loader'));
  const { util, Reader } = requireFromLoader('protobufjs') as Record<'util' | 'Reader', DepthLimit>;
  util.recursionLimit = DEEPEST_MESSAGE;
  Reader.recursionLimit = DEEPEST_MESSAGE;
}

function connect(port: number): GrpcClient {
  allowDeepMessages();
  const grpc = requireFromPackage('@grpc/grpc-js') as Grpc;
  const loader = requireFromPackage('@grpc/proto-loader') as ProtoLoader;
  const definition = loader.loadSync(join(PROTOS, 'local_service.proto'), {
    keepCase: true,
    longs: String,
    enums: String,
    oneofs: true,
    includeDirs: [PROTOS],
  });
  const { ZetaSqlLocalService } = grpc.loadPackageDefinition(definition).zetasql.local_service;
  return new ZetaSqlLocalService(`localhost:${port}`, grpc.credentials.createInsecure(), NO_LIMIT);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, 'localhost', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
