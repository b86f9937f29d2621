import { type Size, sizeOf } from './defense-by-size.ts';
import type { LeagueRows, PlayerGame, SlatePlayer } from './league-rows.ts';
import { halved, weighted } from './weighted-means.ts';

const HALF_LIFE_GAMES = 10;
const ROTATION_MINUTES = 12;
const ABSENT_DAYS = 30;
/** Who never played. */
const NEW = { asStarter: 20, fromBench: 8, size: 2 };

/** What is usual for a player after his games so far, whatever season and team they were for. */
interface Usual {
  readonly minutes: number;
  readonly points: number;
  /** Possessions that he ends: shots, trips to the line and turnovers. */
  readonly used: number;
  readonly assists: number;
  readonly rebounds: number;
  /** Rebounds minus assists in 36 minutes. */
  readonly size: number;
}

/** A player whom a team has on a date, there or not. */
export interface Member extends Usual {
  readonly player: string;
  readonly opponent: string;
  readonly isPresent: boolean;
  readonly isStarter: boolean;
  /** Minutes usual for the role that he has on the date. */
  readonly roleMinutes: number;
  readonly isOfRotation: boolean;
  readonly sizeClass: Size;
}

/** A player to appear on a date, or who did. */
export type Appearance = Pick<
  SlatePlayer,
  'date' | 'day' | 'season' | 'player' | 'team' | 'opponent' | 'isStarter'
>;

/** Who of each team was there on each date, the dates of the slate included; and who was not. */
export class Rotations {
  readonly #league: LeagueRows;
  readonly #byTeam: ReadonlyMap<string, readonly Appearance[]>;
  readonly #playersOf: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #known = new Map<string, readonly Member[]>();

  constructor(league: LeagueRows) {
    this.#league = league;
    const slate = new Set(league.slatePlayers.map(({ date, player }) => `${date} ${player}`));
    const others = league.playerGames.filter(({ date, player }) => !slate.has(`${date} ${player}`));
    const all: readonly Appearance[] = [...league.slatePlayers, ...others];
    this.#byTeam = Map.groupBy(all, ({ date, team }) => `${date} ${team}`);
    const byDate = Map.groupBy(all, ({ date }) => date);
    this.#playersOf = new Map(
      [...byDate].map(([date, found]) => [date, new Set(found.map(({ player }) => player))]),
    );
  }

  /** Everybody who appears for a team on a date. */
  appearances(date: string, team: string): readonly Appearance[] {
    return this.#byTeam.get(`${date} ${team}`) ?? [];
  }

  /** Who is there, and who played for the team within 30 days, for nobody since, and is not. */
  members(date: string, team: string): readonly Member[] {
    const key = `${date} ${team}`;
    const known = this.#known.get(key);
    if (known) return known;
    const made = this.#make(date, team);
    this.#known.set(key, made);
    return made;
  }

  #make(date: string, team: string): readonly Member[] {
    const present = this.appearances(date, team);
    const [first] = present;
    if (first === undefined) return [];
    const anywhere = this.#playersOf.get(date) ?? new Set();
    const absent = [...this.#league.gamesByPlayer].flatMap(([player, games]): Member[] => {
      const last = games.findLast(({ day }) => day < first.day);
      if (last?.team !== team || last.season !== first.season) return [];
      if (first.day - last.day > ABSENT_DAYS || anywhere.has(player)) return [];
      return [this.#member({ ...first, player, isStarter: false }, false)];
    });
    return [...present.map((row) => this.#member(row, true)), ...absent];
  }

  #member(row: Appearance, isPresent: boolean): Member {
    const all = this.#league.gamesByPlayer.get(row.player) ?? [];
    const games = all.filter(({ day }) => day < row.day).toReversed();
    const usual = usualOf(games);
    const isStarter = row.isStarter === true;
    return {
      ...usual,
      player: row.player,
      opponent: row.opponent,
      isPresent,
      isStarter,
      roleMinutes: isPresent ? roleMinutes(games, row.isStarter, usual) : usual.minutes,
      isOfRotation: usual.minutes >= ROTATION_MINUTES || isStarter,
      sizeClass: sizeOf(usual.size),
    };
  }
}

function sumOf(games: readonly PlayerGame[], value: (game: PlayerGame) => number): number {
  return weighted(games, (_, ago) => halved(ago, HALF_LIFE_GAMES), value);
}

function usualOf(newestFirst: readonly PlayerGame[]): Usual {
  const mean = (value: (game: PlayerGame) => number): number =>
    sumOf(newestFirst, value) /
    Math.max(
      sumOf(newestFirst, () => 1),
      1,
    );
  const minutes = mean((game) => game.minutes);
  const rebounds = mean((game) => game.rebounds);
  const assists = mean((game) => game.assists);
  return {
    minutes,
    points: mean((game) => game.points),
    used: mean(({ fga, fta, turnovers }) => fga + 0.44 * fta + turnovers),
    assists,
    rebounds,
    size: newestFirst.length === 0 ? NEW.size : (36 * (rebounds - assists)) / minutes,
  };
}

/**
 * Mean minutes of his games in the same role, starting or not, beside one game that lies halfway between what is
 * usual for him and what is for the role: 30 minutes for a starter and 16 from the bench.
 */
function roleMinutes(
  newestFirst: readonly PlayerGame[],
  isStarter: boolean | null,
  usual: Usual,
): number {
  if (newestFirst.length === 0) return isStarter ? NEW.asStarter : NEW.fromBench;
  if (isStarter === null) return usual.minutes;
  const inRole = (game: PlayerGame): number => ((game.isStarter === true) === isStarter ? 1 : 0);
  const prior = (usual.minutes + (isStarter ? 30 : 16)) / 2;
  return (
    (sumOf(newestFirst, (game) => inRole(game) * game.minutes) + prior) /
    (sumOf(newestFirst, inRole) + 1)
  );
}
