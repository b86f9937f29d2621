import type { Appearance, Member, Rotations } from './rotation.ts';
import { meanOf, minus, product, ratio } from './weighted-means.ts';

/** Minutes of the rotation in a game; the others have the rest of 240. */
const TEAM_MINUTES = 225;
/** Nobody is expected to play longer than so. */
const MOST_MINUTES = 42;

/** What the lineup of a date says of one player of it: mates are those of the rotation who are there. */
export interface Strength {
  readonly date: string;
  readonly day: number;
  readonly player: string;
  readonly team: string;
  readonly isStarter: boolean;
  /** By usual minutes among all who are there; 10 stands for all after the ninth. */
  readonly rank: number;
  readonly usualMinutes: number;
  readonly usualPoints: number;
  readonly roleMinutes: number;
  readonly allottedMinutes: number | null;
  readonly usedShare: number | null;
  readonly minutesShare: number | null;
  readonly matesMinutes: number;
  readonly matesPoints: number;
  readonly matesUsed: number;
  readonly matesAssists: number;
  readonly matesRebounds: number;
  readonly sameSizeMinutes: number;
  readonly nearMinutes: number;
  readonly nearBetterMinutes: number;
  readonly nearAbsentUsed: number;
  readonly absentMinutes: number;
  readonly absentPoints: number;
  readonly starterPoints: number;
  readonly opponentAbsentMinutes: number;
}

export function strengthOf(row: Appearance, rotations: Rotations): Strength {
  const members = rotations.members(row.date, row.team);
  const own = members.find(({ player, isPresent }) => isPresent && player === row.player);
  if (own === undefined) throw new Error(`${row.player} is not there on ${row.date}`);
  const rotation = members.filter(({ isOfRotation }) => isOfRotation);
  const others = rotation.filter(({ player }) => player !== row.player);
  const mates = others.filter(({ isPresent }) => isPresent);
  const absent = others.filter(({ isPresent }) => !isPresent);
  const nearness = ({ size }: Member): number => Math.exp(-Math.abs(own.size - size) / 2);
  const longer = members.filter(({ isPresent, minutes, player }) =>
    isPresent && minutes === own.minutes ? player < own.player : isPresent && minutes > own.minutes,
  );
  const opponents = rotations.members(row.date, row.opponent);
  return {
    date: row.date,
    day: row.day,
    player: row.player,
    team: row.team,
    isStarter: own.isStarter,
    rank: Math.min(longer.length + 1, 10),
    usualMinutes: own.minutes,
    usualPoints: own.points,
    roleMinutes: own.roleMinutes,
    allottedMinutes: allotted(own, mates),
    usedShare: usedShare(own, mates),
    minutesShare: ratio(own.minutes, sum(rotation.filter(isThere), minutesOf)),
    matesMinutes: sum(mates, minutesOf),
    matesPoints: sum(mates, ({ points }) => points),
    matesUsed: sum(mates, ({ used }) => used),
    matesAssists: sum(mates, ({ assists }) => assists),
    matesRebounds: sum(mates, ({ rebounds }) => rebounds),
    sameSizeMinutes: sum(
      mates.filter(({ sizeClass }) => sizeClass === own.sizeClass),
      minutesOf,
    ),
    nearMinutes: sum(mates, (mate) => mate.roleMinutes * nearness(mate)),
    nearBetterMinutes: sum(
      mates.filter(({ roleMinutes }) => roleMinutes > own.roleMinutes),
      (mate) => mate.roleMinutes * nearness(mate),
    ),
    nearAbsentUsed: sum(absent, (mate) => mate.used * nearness(mate)),
    absentMinutes: sum(absent, minutesOf),
    absentPoints: sum(absent, ({ points }) => points),
    starterPoints: sum(
      mates.filter(({ isStarter }) => isStarter),
      ({ points }) => points,
    ),
    opponentAbsentMinutes: sum(
      opponents.filter((each) => each.isOfRotation && !each.isPresent),
      minutesOf,
    ),
  };
}

/** Today's value minus the mean of the last so many games of the season; null before the first. */
export function versus(
  now: Strength,
  earlier: readonly Strength[],
  games: number,
  value: (strength: Strength) => number | null,
): number | null {
  return minus(value(now), meanOf(earlier.slice(-games).map(value)));
}

/**
 * Minutes of the roles made to add up to those of the team: what is missing goes to each, or what is too much is taken
 * from each, by role and by how much longer he could play.
 */
function allotted(own: Member, mates: readonly Member[]): number | null {
  const room = ({ roleMinutes }: Member): number =>
    roleMinutes * Math.max(MOST_MINUTES - roleMinutes, 2);
  const team = [own, ...mates];
  const missing = TEAM_MINUTES - sum(team, ({ roleMinutes }) => roleMinutes);
  const part = ratio(room(own), sum(team, room));
  return part === null ? null : own.roleMinutes + missing * part;
}

/** His part of the possessions that he and the mates end if they play as usual in their roles. */
function usedShare(own: Member, mates: readonly Member[]): number | null {
  const uses = ({ used, minutes, roleMinutes }: Member): number | null =>
    product(ratio(used, minutes), roleMinutes);
  return ratio(
    uses(own),
    sum([own, ...mates], (each) => uses(each) ?? 0),
  );
}

function isThere({ isPresent }: Member): boolean {
  return isPresent;
}

function minutesOf({ minutes }: Member): number {
  return minutes;
}

function sum(members: readonly Member[], value: (member: Member) => number): number {
  return members.reduce((total, member) => total + value(member), 0);
}
