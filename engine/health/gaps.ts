import { type Day, formatDay, UNPARTITIONED } from '../partitions/date.ts';
import { explainCauses } from '../staleness/causes.ts';
import { openPartitionsBehind } from '../staleness/open-upstream.ts';
import { type PathStep, pathToRoot } from '../staleness/root-cause.ts';
import { STATUS, STATUS_NAMES } from '../staleness/status.ts';
import { type Coverage, isGap } from './coverage.ts';
import { type Finding, mendWords, type Severity, stretchesOf } from './finding.ts';
import { type AssetScope, dayAt, rowsAt } from './validation-scope.ts';

/** Missing, failed and blocked partitions, neighbours in the calendar together, each stretch with its root cause. */
export function gapFindings(scope: AssetScope, coverage: Coverage): readonly Finding[] {
  const { of } = scope;
  const { name } = of.asset;
  const stretches = stretchesOf(
    scope.indexes.filter((index) => isGap(scope, index)),
    (index) => index,
    (a, b) => of.status[a] === of.status[b],
  );
  const severity: Severity = coverage.percent < coverage.target ? 'error' : 'warn';
  return stretches.map((indexes) => {
    const days = indexes.map((index) => dayAt(scope, index));
    const status = STATUS_NAMES[of.status[indexes[0] ?? 0] ?? STATUS.missing] ?? 'missing';
    const cause = causeOf(scope, indexes[0] ?? 0);
    const older = indexes.filter((index) => rowsAt(scope, index) > 0).length;
    return {
      kind: 'gap',
      severity,
      asset: name,
      days,
      found: `${days.length} ${days.length === 1 ? 'partition is' : 'partitions are'} ${status}${older === 0 ? '' : `, ${older} with older rows`}`,
      expected: 'rows on every date of the calendar, made from what upstream holds',
      ...(cause === undefined ? {} : { cause }),
      mend: mendWords('materialize', `+${name}`, daysToMake(scope, indexes)),
    };
  });
}

/** The partitions and the open ones behind them, which may be older: windows reach back. */
function daysToMake(scope: AssetScope, indexes: readonly number[]): readonly Day[] {
  const ends = [indexes[0] ?? 0, indexes.at(-1) ?? 0];
  const behind = ends.flatMap(
    (index) => openPartitionsBehind(scope.evaluation, scope.of.asset.name, index).days,
  );
  const days = [...indexes.map((index) => dayAt(scope, index)), ...behind];
  return days.filter((day) => day !== UNPARTITIONED || days.length === 1).sort((a, b) => a - b);
}

/** Partitions whose inputs changed since they were made, and those that may change with them. */
export function staleFindings(scope: AssetScope): readonly Finding[] {
  const { of } = scope;
  const { name } = of.asset;
  const stale = scope.indexes.filter((index) => of.status[index] === STATUS.stale);
  const open = scope.indexes.filter(
    (index) => of.status[index] === STATUS.current && of.mayChange[index] === 1,
  );
  const findings: Finding[] = [];
  if (stale.length > 0) {
    const days = stale.map((index) => dayAt(scope, index));
    const cause = staleCause(scope, stale);
    findings.push({
      kind: 'stale',
      severity: 'warn',
      asset: name,
      days,
      found: `${days.length} ${days.length === 1 ? 'partition is' : 'partitions are'} stale`,
      expected: 'partitions made from what upstream holds today',
      ...(cause === undefined ? {} : { cause }),
      mend: mendWords('materialize', `+${name}`, days),
    });
  }
  if (open.length > 0) {
    const days = open.map((index) => dayAt(scope, index));
    findings.push({
      kind: 'may_change',
      severity: 'info',
      asset: name,
      days,
      found: `${days.length} current ${days.length === 1 ? 'partition' : 'partitions'} may change`,
      expected: 'current partitions upstream',
      mend: mendWords('materialize', `+${name}`, days),
    });
  }
  return findings;
}

function staleCause(scope: AssetScope, stale: readonly number[]): string | undefined {
  const request = { ...scope, asset: scope.of.asset.name, indexes: [stale[0] ?? 0] };
  const labels = [...explainCauses(request).values()].flat().map((cause) => cause.label);
  return labels.length === 0 ? undefined : [...new Set(labels)].join('; ');
}

/** The root of a gap: what failed or was never made, wherever upstream it is. */
function causeOf(scope: AssetScope, index: number): string | undefined {
  const path = pathToRoot(scope, scope.of.asset.name, index);
  const root = path.at(-1);
  return root && rootText(root, path.length === 1);
}

function rootText({ asset, day, text }: PathStep, isOwn: boolean): string {
  return isOwn ? text : `${asset} ${formatDay(day)} ${text}`;
}
