import type { CompiledAsset, CompiledPipeline } from '../compile/compiled.ts';
import type { EventListener } from '../events.ts';
import type { AssetName, RunId } from '../ids.ts';
import type { Day } from '../partitions/date.ts';
import type { StatementCost, Warehouse } from '../warehouse/warehouse.ts';
import type { StateStore } from '../../state/store.ts';
import type { LiveSnapshot } from './live.ts';
import type { ObservedSource } from './observe.ts';

/** What to do after a partition failed: `continue` with whatever does not need it, or start nothing new. */
export type FailurePolicy = 'continue' | 'fail-fast';

/** Everything that a run works with; made once per run by the command. */
export interface RunContext {
  readonly pipeline: CompiledPipeline;
  readonly assets: ReadonlyMap<AssetName, CompiledAsset>;
  readonly target: string;
  readonly runId: RunId;
  readonly warehouse: Warehouse;
  readonly store: StateStore;
  readonly live: LiveSnapshot;
  readonly today: Day;
  readonly policy: FailurePolicy;
  /** How many steps run at once. */
  readonly maxParallel: number;
  readonly emit: EventListener;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Called right before anything is written to the warehouse; throws when another run holds the target by now. */
  readonly confirmLease: () => void;
  /** Told of what each statement of a step cost. */
  readonly onCost?: (cost: StatementCost) => void;
  /** The files of sources as observed at the start of the run. */
  readonly sources: ReadonlyMap<AssetName, ObservedSource>;
  /** Sources that could not be observed, with the reason. */
  readonly unobserved: ReadonlyMap<
    AssetName,
    { readonly category: string; readonly message: string }
  >;
  /** Local paths of a source's files; downloads them where they are remote. */
  readonly localFiles: (source: ObservedSource) => Promise<readonly string[]>;
}
