import { unreachable } from '../engine/util/unreachable.ts';
import {
  ATTEMPT,
  CONTENT,
  type PartitionOutcome,
  type StepOutcome,
  type WarehouseMaterialization,
} from './store.ts';
import type { NewEvent } from './tables/events.ts';
import { NO_CONTENT, type PartitionContent, type PartitionKey } from './tables/partitions.ts';
import type { Tables } from './tables.ts';

export interface Happening extends PartitionKey {
  readonly run: number;
  readonly at: number;
  readonly code: number;
}

/** Records a step's end with all its outcomes; returns the sequence number of each. */
export function recordStep(tables: Tables, step: StepOutcome): readonly number[] {
  const { run, target } = tables.steps.get(step.stepId);
  const asset = tables.assets.intern(step.asset);
  const code = tables.codeVersions.intern(step.codeVersion);
  const days = step.outcomes.map((outcome) => outcome.day);
  const contentByDay = tables.partitions.contents(target, asset, days);
  const sequences = step.outcomes.map((outcome) => {
    const happening = { target, asset, day: outcome.day, run, at: step.endedAt, code };
    return recordOutcome(tables, happening, outcome, contentByDay);
  });
  for (const check of step.checks) tables.checks.add(tables.assets.intern(check.asset), check);
  tables.steps.end({ ...step, id: step.stepId, rows: rowsOf(step.outcomes) });
  return sequences;
}

function recordOutcome(
  tables: Tables,
  happening: Happening,
  outcome: PartitionOutcome,
  contentByDay: Map<number, PartitionContent>,
): number {
  switch (outcome.type) {
    case 'materialized':
    case 'unchanged': {
      const event = { type: outcome.type, inputs: outcome.inputs, message: null };
      const content = materialized(outcome, happening.code);
      return recordContent(tables, happening, { event, content, contentByDay });
    }
    case 'expected_empty': {
      const event = { type: outcome.type, inputs: outcome.inputs, message: outcome.reason };
      const { hi: inputHi, lo: inputLo } = outcome.input;
      const { code } = happening;
      const content = { ...NO_CONTENT, content: CONTENT.expectedEmpty, inputHi, inputLo, code };
      return recordContent(tables, happening, { event, content, contentByDay });
    }
    case 'failed':
    case 'blocked':
      return recordFailure(tables, happening, outcome, contentByDay.get(outcome.day));
    default:
      return unreachable(outcome);
  }
}

export function recordContent(
  tables: Tables,
  happening: Happening,
  what: {
    readonly event: Pick<NewEvent, 'type' | 'inputs' | 'message'>;
    readonly content: PartitionContent;
    readonly contentByDay: Map<number, PartitionContent>;
  },
): number {
  const { content, contentByDay } = what;
  const before = contentByDay.get(happening.day);
  const sequence = tables.events.add({
    ...happening,
    ...what.event,
    changed: !hasSameRows(content, before),
    rowsBefore: rowsIn(before),
    rows: content.rows,
    dataHi: content.dataHi,
    dataLo: content.dataLo,
    category: null,
    upstream: null,
    upstreamDay: null,
  });
  tables.partitions.saveContent(happening, content, sequence);
  contentByDay.set(happening.day, content);
  return sequence;
}

function recordFailure(
  tables: Tables,
  happening: Happening,
  outcome: Extract<PartitionOutcome, { type: 'failed' | 'blocked' }>,
  before: PartitionContent | undefined,
): number {
  const isBlocked = outcome.type === 'blocked';
  const sequence = tables.events.add({
    ...happening,
    type: outcome.type,
    changed: false,
    rowsBefore: rowsIn(before),
    rows: null,
    dataHi: null,
    dataLo: null,
    category: isBlocked ? null : outcome.category,
    message: outcome.message,
    upstream: isBlocked ? tables.assets.intern(outcome.upstream) : null,
    upstreamDay: isBlocked ? outcome.upstreamDay : null,
    inputs: null,
  });
  const attempt = isBlocked ? ATTEMPT.blocked : ATTEMPT.failed;
  tables.partitions.saveAttempt(happening, attempt, sequence);
  return sequence;
}

export function materialized(
  from: Pick<WarehouseMaterialization, 'rows' | 'data' | 'input'>,
  code: number,
): PartitionContent {
  const { rows, data, input } = from;
  const hashes = { dataHi: data.hi, dataLo: data.lo, inputHi: input.hi, inputLo: input.lo };
  return { content: CONTENT.materialized, rows, ...hashes, code };
}

function hasSameRows(a: PartitionContent, b: PartitionContent = NO_CONTENT): boolean {
  const isSameData = a.dataHi === b.dataHi && a.dataLo === b.dataLo;
  return a.content === b.content && a.rows === b.rows && isSameData;
}

export function isSameContent(a: PartitionContent, b: PartitionContent = NO_CONTENT): boolean {
  const isSameInput = a.inputHi === b.inputHi && a.inputLo === b.inputLo;
  return hasSameRows(a, b) && isSameInput && a.code === b.code;
}

function rowsIn(content: PartitionContent | undefined): number | null {
  return content === undefined || content.content === CONTENT.none ? null : content.rows;
}

function rowsOf(outcomes: readonly PartitionOutcome[]): number {
  return outcomes.reduce((sum, outcome) => sum + ('rows' in outcome ? outcome.rows : 0), 0);
}
