import type { ShotRow } from './load.ts';

export type Zone = 'paint' | 'mid_range' | 'three';

/** What the shots of one player or one team in one game add up to. */
export interface ShotCounts {
  readonly attempts: Record<Zone, number>;
  readonly makes: Record<Zone, number>;
  /** These two see only shots with a play-by-play event (oracle-notes 17). */
  assistedMakes: number;
  unassistedMakes: number;
  /** Own attempts that the other team blocked. */
  readonly blockedAgainst: Record<Zone, number>;
  /** Attempts of others that this player blocked. */
  readonly blocksMade: Record<Zone, number>;
}

export interface ShotIndex {
  player(nbaGameId: string, playerId: number): ShotCounts;
  team(nbaGameId: string, team: string): ShotCounts;
  hasPlayByPlay(nbaGameId: string): boolean;
}

/** Value first, then distance (domain.md 3.1 DECISION, oracle-notes 16). */
export function shotZone(shot: {
  readonly shot_value: number;
  readonly distance_ft: number;
}): Zone {
  if (shot.shot_value === 3) return 'three';
  return shot.distance_ft <= 8 ? 'paint' : 'mid_range';
}

export function indexShots(shots: readonly ShotRow[]): ShotIndex {
  const counts = new Map<string, ShotCounts>();
  const withPlayByPlay = new Set<string>();
  const countsOf = (gameId: string, who: string | number): ShotCounts => {
    const key = `${gameId}|${who}`;
    let entry = counts.get(key);
    if (entry === undefined) counts.set(key, (entry = emptyCounts()));
    return entry;
  };
  for (const shot of shots) {
    addShot(countsOf(shot.nba_game_id, shot.player_id), shot);
    addShot(countsOf(shot.nba_game_id, shot.team), shot);
    if (!shot.has_pbp) continue;
    withPlayByPlay.add(shot.nba_game_id);
    if (shot.blocked !== true || shot.block_player_id === null) continue;
    countsOf(shot.nba_game_id, shot.block_player_id).blocksMade[shotZone(shot)] += 1;
  }
  return {
    player: countsOf,
    team: countsOf,
    hasPlayByPlay: (gameId) => withPlayByPlay.has(gameId),
  };
}

function emptyCounts(): ShotCounts {
  const zero = (): Record<Zone, number> => ({ paint: 0, mid_range: 0, three: 0 });
  return {
    attempts: zero(),
    makes: zero(),
    assistedMakes: 0,
    unassistedMakes: 0,
    blockedAgainst: zero(),
    blocksMade: zero(),
  };
}

function addShot(counts: ShotCounts, shot: ShotRow): void {
  const zone = shotZone(shot);
  counts.attempts[zone] += 1;
  if (shot.made) counts.makes[zone] += 1;
  if (!shot.has_pbp) return;
  if (shot.made && shot.assisted) counts.assistedMakes += 1;
  if (shot.made && !shot.assisted) counts.unassistedMakes += 1;
  if (shot.blocked === true) counts.blockedAgainst[zone] += 1;
}
