import { AGGREGATE_PROOFS } from './aggregates.ts';
import { DATE_PROOFS } from './dates.ts';
import { NUMBER_PROOFS } from './numbers.ts';
import type { Proof } from './proof.ts';
import { OTHER_REASONS, SHAPE_PROOFS } from './shapes.ts';
import { TEXT_PROOFS } from './texts.ts';

export const PROOFS: readonly Proof[] = [
  ...NUMBER_PROOFS,
  ...DATE_PROOFS,
  ...AGGREGATE_PROOFS,
  ...TEXT_PROOFS,
  ...SHAPE_PROOFS,
  ...OTHER_REASONS,
];
