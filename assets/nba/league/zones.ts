import type { Random } from './random.ts';

export const ZONES = [
  'Restricted Area',
  'In The Paint (Non-RA)',
  'Mid-Range',
  'Left Corner 3',
  'Right Corner 3',
  'Above the Break 3',
  'Backcourt',
] as const;

export type Zone = 0 | 1 | 2 | 3 | 4 | 5 | 6;

export const RIM: Zone = 0;
export const PAINT: Zone = 1;
export const MID_RANGE: Zone = 2;
export const LEFT_CORNER: Zone = 3;
export const RIGHT_CORNER: Zone = 4;
export const ABOVE_BREAK: Zone = 5;
export const BACKCOURT: Zone = 6;

export const ZONE_COUNT = ZONES.length;

/** League averages by zone, in the order of `ZONES`. */
export const LEAGUE_PERCENTAGE = [0.655, 0.435, 0.413, 0.38, 0.38, 0.352, 0.024] as const;
export const ASSISTED_SHARE = [0.53, 0.45, 0.44, 0.95, 0.95, 0.78, 0.5] as const;
export const BLOCKED_SHARE_OF_MISSES = [0.275, 0.19, 0.04, 0.018, 0.017, 0.012, 0] as const;
export const AND_ONE_SHARE_OF_MAKES = [0.11, 0.06, 0.02, 0.008, 0.008, 0.008, 0] as const;

export const AREAS = [
  'Center(C)',
  'Left Side(L)',
  'Right Side(R)',
  'Left Side Center(LC)',
  'Right Side Center(RC)',
  'Back Court(BC)',
] as const;

export const RANGES = [
  'Less Than 8 ft.',
  '8-16 ft.',
  '16-24 ft.',
  '24+ ft.',
  'Back Court Shot',
] as const;

export function shotValue(zone: Zone): 2 | 3 {
  return zone <= MID_RANGE ? 2 : 3;
}

/** Tenths of a foot from the basket's centre, as the official chart has it. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

const ARC_RADIUS = 237.5;
const CORNER_TOP = 88;

/** A spot inside the zone: drawn in polar form, redrawn until the zone's own borders hold. */
export function drawSpot(zone: Zone, rng: Random): Spot {
  if (zone === BACKCOURT)
    return {
      x: rng.integer(-245, 250),
      y: 420 + Math.min(450, Math.floor(Math.abs(rng.normal(0, 160)))),
    };
  if (zone === LEFT_CORNER) return { x: rng.integer(-238, -221), y: rng.integer(-40, 86) };
  if (zone === RIGHT_CORNER) return { x: rng.integer(221, 238), y: rng.integer(-40, 86) };
  for (;;) {
    const spot = drawPolar(zone, rng);
    if (zoneOf(spot) === zone) return spot;
  }
}

function drawPolar(zone: Zone, rng: Random): Spot {
  if (zone === RIM) return polar(rng.uniform(0, 39), rng.uniform(-2, 2));
  if (zone === PAINT) return polar(42 + 110 * rng.next() ** 1.5, rng.uniform(-1.3, 1.3));
  if (zone === MID_RANGE) return polar(85 + 150 * rng.next() ** 1.3, rng.uniform(-1.6, 1.6));
  return polar(ARC_RADIUS + 2 + Math.abs(rng.normal(0, 22)), rng.uniform(-1.15, 1.15));
}

function polar(radius: number, angle: number): Spot {
  // Adding 0 turns the -0 of a rounded small negative into 0.
  return {
    x: Math.round(radius * Math.sin(angle)) + 0,
    y: Math.round(radius * Math.cos(angle)) + 0,
  };
}

export function zoneOf({ x, y }: Spot): Zone {
  const radius = Math.hypot(x, y);
  if (y >= 420) return BACKCOURT;
  if (radius < 40) return RIM;
  if (Math.abs(x) <= 80 && y < 139) return PAINT;
  if (y < CORNER_TOP) {
    if (Math.abs(x) < 220) return MID_RANGE;
    return x < 0 ? LEFT_CORNER : RIGHT_CORNER;
  }
  return radius < ARC_RADIUS ? MID_RANGE : ABOVE_BREAK;
}

export function distanceFeet({ x, y }: Spot): number {
  return Math.floor(Math.hypot(x, y) / 10);
}

/** Index into `RANGES`. */
export function rangeOf(spot: Spot, zone: Zone): number {
  if (zone === BACKCOURT) return 4;
  if (zone >= LEFT_CORNER) return 3;
  const radius = Math.hypot(spot.x, spot.y);
  if (radius < 80) return 0;
  return radius < 160 ? 1 : 2;
}

/** Index into `AREAS`; the borders between areas depend on the range. */
export function areaOf(spot: Spot, zone: Zone): number {
  if (zone === BACKCOURT) return 5;
  if (zone === LEFT_CORNER) return 1;
  if (zone === RIGHT_CORNER) return 2;
  const degrees = (Math.atan2(spot.x, spot.y) * 180) / Math.PI;
  const range = rangeOf(spot, zone);
  if (range === 0) return 0;
  if (range === 1) return sideOf(degrees, { center: 30, side: 30 });
  return sideOf(degrees, { center: 18, side: range === 2 ? 54 : 90 });
}

function sideOf(
  degrees: number,
  border: { readonly center: number; readonly side: number },
): number {
  const angle = Math.abs(degrees);
  if (angle < border.center) return 0;
  const right = degrees > 0 ? 1 : 0;
  return (angle >= border.side ? 1 : 3) + right;
}
