import type { Slate } from './calendar.ts';
import {
  completenessBlock,
  isWindowReady,
  tierOf,
  windowIssues,
  worstTier,
} from './completeness.ts';
import type { CompletenessBlock } from './completeness.ts';
import type { CompositeFactors } from './composite.ts';
import type { DailyCache } from './daily-cache.ts';
import type { PlayerWindows } from './player-windows.ts';
import { USUAL_DAYS } from './player-zones.ts';

const MIN_QUALITY = 70;

export interface FeatureInputs {
  readonly slate: Slate;
  readonly windows: PlayerWindows;
  readonly cache: DailyCache | null;
  readonly composite: CompositeFactors | null;
  readonly quality: number;
  /** Of the bootstrap days, without features. */
  readonly placeholder: boolean;
}

/** Ready if the features, both of what they are made of and the window are. */
export function featureReadiness(inputs: FeatureInputs): CompletenessBlock {
  const { slate, cache, composite, quality } = inputs;
  const { lastTen } = inputs.windows;
  const block = completenessBlock({
    slate,
    window: lastTen,
    ready: quality >= MIN_QUALITY && areInputsReady(inputs) && isWindowReady(lastTen),
    tier: worstTier([tierOf(quality), cache?.quality_tier, composite?.quality_tier]),
    issues: [...issuesOf(inputs), ...windowIssues(lastTen, USUAL_DAYS)],
  });
  if (!inputs.placeholder) return block;
  return { ...block, processing_decision_reason: 'early_season_placeholder' };
}

function areInputsReady({ cache, composite }: FeatureInputs): boolean {
  return cache?.is_production_ready === true && composite?.is_production_ready === true;
}

function issuesOf(inputs: FeatureInputs): string[] {
  return [
    ...(inputs.windows.changedTeam ? ['changed_team'] : []),
    ...(inputs.placeholder ? ['placeholder'] : inputIssues(inputs)),
    ...(inputs.quality < MIN_QUALITY ? ['feature_quality_below_70'] : []),
  ];
}

function inputIssues({ cache, composite }: FeatureInputs): string[] {
  return [
    ...(composite?.is_production_ready ? [] : ['composite_factors_not_ready']),
    ...(cache === null ? ['daily_cache_missing'] : []),
    ...(cache?.is_production_ready === false ? ['daily_cache_not_ready'] : []),
  ];
}
