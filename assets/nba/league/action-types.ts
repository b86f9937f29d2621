import type { Random } from './random.ts';
import { ABOVE_BREAK, BACKCOURT, LEFT_CORNER, MID_RANGE, PAINT, RIM, type Zone } from './zones.ts';

/** How the attempt came about; decides which of the official action types are possible. */
export type ShotStory = 'putback' | 'assisted' | 'unassisted' | 'missed';

interface Choice {
  readonly codes: readonly number[];
  readonly weights: readonly number[];
}

const names: string[] = [];

/** Every official action type that the league uses; shots carry the index. */
export const ACTION_TYPES: readonly string[] = names;

/** `Name 3, Other Name 1`: weights after the last space of each entry. */
function choice(text: string): Choice {
  const entries = text.split(', ').map((entry) => {
    const cut = entry.lastIndexOf(' ');
    return { name: entry.slice(0, cut), weight: Number(entry.slice(cut + 1)) };
  });
  return { codes: entries.map((e) => codeOf(e.name)), weights: entries.map((e) => e.weight) };
}

function codeOf(name: string): number {
  const known = names.indexOf(name);
  return known >= 0 ? known : names.push(name) - 1;
}

const PUTBACK = choice('Putback Layup Shot 12, Tip Layup Shot 16, Putback Dunk Shot 2');
const RIM_ASSISTED = choice(
  'Cutting Layup Shot 16, Driving Layup Shot 14, Cutting Dunk Shot 10, Layup Shot 9, Running Layup Shot 9, Running Dunk Shot 6, Driving Finger Roll Layup Shot 5, Alley Oop Dunk Shot 5, Dunk Shot 5',
);
const RIM_UNASSISTED = choice(
  'Driving Layup Shot 20, Driving Finger Roll Layup Shot 8, Running Layup Shot 7, Driving Reverse Layup Shot 4, Driving Dunk Shot 4, Layup Shot 3, Running Dunk Shot 3, Dunk Shot 2',
);
const RIM_MISSED = choice(
  'Driving Layup Shot 28, Layup Shot 9, Running Layup Shot 9, Driving Finger Roll Layup Shot 6, Cutting Layup Shot 5, Driving Reverse Layup Shot 4, Dunk Shot 1',
);
const PAINT_ASSISTED = choice(
  'Driving Floating Jump Shot 14, Floating Jump shot 9, Driving Layup Shot 6, Pullup Jump shot 5, Turnaround Hook Shot 4, Hook Shot 4',
);
const PAINT_UNASSISTED = choice(
  'Driving Floating Jump Shot 16, Pullup Jump shot 10, Driving Floating Bank Jump Shot 5, Driving Layup Shot 5, Fadeaway Jump Shot 5, Turnaround Fadeaway shot 5, Turnaround Jump Shot 4, Turnaround Hook Shot 3',
);
const MID_ASSISTED = choice(
  'Jump Shot 12, Pullup Jump shot 16, Step Back Jump shot 3, Fadeaway Jump Shot 2, Turnaround Jump Shot 1',
);
const MID_UNASSISTED = choice(
  'Pullup Jump shot 22, Step Back Jump shot 9, Fadeaway Jump Shot 5, Turnaround Fadeaway shot 5, Jump Shot 3, Driving Floating Jump Shot 3',
);
const CORNER_ASSISTED = choice('Jump Shot 92, Running Jump Shot 7, Step Back Jump shot 2');
const THREE_ASSISTED = choice('Jump Shot 82, Running Jump Shot 6, Pullup Jump shot 8');
const THREE_UNASSISTED = choice(
  'Pullup Jump shot 44, Step Back Jump shot 26, Jump Shot 10, Running Pull-Up Jump Shot 8',
);
const THREE_MISSED = choice(
  'Jump Shot 63, Pullup Jump shot 19, Step Back Jump shot 10, Running Jump Shot 4, Running Pull-Up Jump Shot 3',
);
const HEAVE = choice('Jump Shot 8, Pullup Jump shot 5, Running Jump Shot 2');

export function drawActionType(zone: Zone, story: ShotStory, rng: Random): number {
  const { codes, weights } = choiceOf(zone, story);
  return codes[rng.weighted(weights)] as number;
}

function choiceOf(zone: Zone, story: ShotStory): Choice {
  if (zone === BACKCOURT) return HEAVE;
  if (zone >= LEFT_CORNER) return threeOf(zone, story);
  if (story === 'putback') return PUTBACK;
  const assisted = story === 'assisted';
  if (zone === PAINT) return assisted ? PAINT_ASSISTED : PAINT_UNASSISTED;
  if (zone === MID_RANGE) return assisted ? MID_ASSISTED : MID_UNASSISTED;
  if (zone === RIM && story === 'missed') return RIM_MISSED;
  return assisted ? RIM_ASSISTED : RIM_UNASSISTED;
}

function threeOf(zone: Zone, story: ShotStory): Choice {
  if (story === 'assisted') return zone === ABOVE_BREAK ? THREE_ASSISTED : CORNER_ASSISTED;
  if (story === 'missed') return zone === ABOVE_BREAK ? THREE_MISSED : CORNER_ASSISTED;
  return THREE_UNASSISTED;
}
