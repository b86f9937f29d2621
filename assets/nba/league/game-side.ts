import type { Day } from './day.ts';
import type { Player } from './player.ts';
import { isAbsent, legsOf, type PlayerState } from './player-state.ts';
import type { Random } from './random.ts';
import type { TeamStyle } from './team-style.ts';
import { targetMinutes } from './rotation.ts';

const DRESSED = 11;
const HOME_TOUCH = 0.006;

/** What nobody can foresee about a single night. */
const MINUTES_WOBBLE = 0.09;
const USAGE_WOBBLE = 0.1;

/** A player as he is tonight: abilities with form, legs, court and opponent already in them. */
export interface GamePlayer {
  readonly player: Player;
  readonly state: PlayerState;
  /** Minutes the coach has in mind. */
  readonly target: number;
  readonly usage: number;
  readonly mix: readonly number[];
  readonly percentages: readonly number[];
  readonly turnover: number;
}

/** One team in one game; best planned minutes first. */
export interface Side {
  readonly team: number;
  readonly home: boolean;
  readonly style: TeamStyle;
  readonly players: readonly GamePlayer[];
}

export interface RosterEntry {
  readonly player: Player;
  readonly state: PlayerState;
  readonly roleMinutes: number;
}

export interface SideOptions {
  readonly team: number;
  readonly home: boolean;
  readonly day: Day;
  readonly playoffs: boolean;
  readonly style: TeamStyle;
  readonly opponent: TeamStyle;
  readonly roster: readonly RosterEntry[];
}

export function prepareSide(options: SideOptions, rng: Random): Side {
  const { team, home, style, day } = options;
  const wobble = (sd: number) => Math.exp(rng.normal(0, sd));
  const available = availableEntries(options.roster, day, rng).map((entry) => ({
    ...entry,
    legs: legsOf(entry.player, entry.state, day),
  }));
  const wanted = available.map(({ roleMinutes, state, legs }) =>
    Math.max(0.5, (roleMinutes + state.roleDrift) * legs.minutes * wobble(MINUTES_WOBBLE)),
  );
  const targets = targetMinutes(wanted, options.playoffs);
  const players = available
    .map(({ player, state, legs }, index): GamePlayer => {
      const touch = state.touch + legs.touch + (home ? HOME_TOUCH : -HOME_TOUCH);
      return {
        player,
        state,
        target: targets[index] as number,
        usage:
          player.abilities.usage * Math.exp(state.usageForm) * legs.usage * wobble(USAGE_WOBBLE),
        ...againstDefense(player, options.opponent, touch),
      };
    })
    .sort((a, b) => b.target - a.target || a.player.id - b.player.id);
  return { team, home, style, players: players.slice(0, DRESSED) };
}

/** Whoever is not absent; with fewer than nine, the best of the absent play hurt. */
function availableEntries(
  roster: readonly RosterEntry[],
  day: Day,
  rng: Random,
): readonly RosterEntry[] {
  const absent = new Set<RosterEntry>();
  for (const entry of roster) {
    if (isAbsent({ player: entry.player, state: entry.state, day, rng })) absent.add(entry);
  }
  for (const entry of [...absent].sort((a, b) => a.state.gamesOut - b.state.gamesOut)) {
    if (roster.length - absent.size >= 9) break;
    entry.state.gamesOut = 0;
    absent.delete(entry);
  }
  return roster.filter((entry) => !absent.has(entry));
}

function againstDefense(
  player: Player,
  opponent: TeamStyle,
  touch: number,
): Pick<GamePlayer, 'mix' | 'percentages' | 'turnover'> {
  const { mix, percentages, turnover } = player.abilities;
  const shifted = mix.map((share, zone) => share * Math.exp(opponent.shotsAllowed[zone] as number));
  const total = shifted.reduce((sum, share) => sum + share, 0);
  return {
    mix: shifted.map((share) => share / total),
    percentages: percentages.map((p, zone) => p + touch + (opponent.defense[zone] as number)),
    turnover: turnover * opponent.turnoversForced,
  };
}
