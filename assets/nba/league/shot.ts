import type { Spot, Zone } from './zones.ts';

/** One field-goal attempt; players by index in their side. */
export interface Shot {
  readonly eventNum: number;
  readonly home: boolean;
  readonly shooter: number;
  readonly period: number;
  readonly secondsRemaining: number;
  readonly made: boolean;
  readonly zone: Zone;
  readonly spot: Spot;
  readonly actionType: number;
  readonly assister: number | null;
  /** Index in the defending side. */
  readonly blocker: number | null;
}
