import { eventId } from './closing-line.ts';
import type { SideExpectation } from './expectation.ts';
import type { Side } from './game-side.ts';
import { asciiName } from './names.ts';
import type { Player } from './player.ts';
import type { Random } from './random.ts';
import type { ScheduledGame } from './schedule.ts';

/** An over/under line on points + rebounds + assists. */
export interface PraLine {
  readonly playerId: number | null;
  readonly sourceName: string;
  readonly bookmaker: string;
  readonly line: number;
  readonly overPrice: number;
  readonly underPrice: number;
  readonly snapshotSeconds: number;
  readonly eventId: string;
}

/** Share of a book's lines that are alternates, far from the median with lopsided prices. */
interface Bookmaker {
  readonly name: string;
  readonly coverage: number;
  readonly alternates: number;
}

const BOOKMAKERS: readonly Bookmaker[] = [
  { name: 'BetMGM', coverage: 0.85, alternates: 0 },
  { name: 'BetOnline.ag', coverage: 0.9, alternates: 0 },
  { name: 'BetRivers', coverage: 0.4, alternates: 0.45 },
  { name: 'Bovada', coverage: 0.55, alternates: 0 },
  { name: 'Caesars', coverage: 0.85, alternates: 0 },
  { name: 'DraftKings', coverage: 0.65, alternates: 0 },
  { name: 'FanDuel', coverage: 0.45, alternates: 0 },
  { name: 'PointsBet (US)', coverage: 0.5, alternates: 0 },
  { name: 'Unibet', coverage: 0.3, alternates: 0.45 },
];

const LEAST_MINUTES = 20;
const OFFER_SHARE = 0.85;
const UNMATCHED_NAME_SHARE = 0.006;

export function drawPraLines(
  game: ScheduledGame,
  sides: readonly { readonly side: Side; readonly expected: SideExpectation }[],
  rng: Random,
): readonly PraLine[] {
  const common = {
    snapshotSeconds: game.tipoffSeconds - rng.integer(60, 900),
    eventId: eventId(rng),
  };
  const lines: PraLine[] = [];
  for (const { side, expected } of sides) {
    side.players.forEach(({ player, target }, index) => {
      const share = expected.players[index];
      if (!share || target < LEAST_MINUTES || !rng.chance(OFFER_SHARE)) return;
      // Points are skewed, so the median that a line stands for is below the mean.
      const truth = (share.points + share.rebounds + share.assists) * 0.98;
      const median = truth * Math.exp(rng.normal(0, 0.05));
      for (const book of BOOKMAKERS) {
        if (!rng.chance(book.coverage)) continue;
        lines.push({ ...common, ...drawOffer(book, median, rng), ...drawSource(player, rng) });
      }
    });
  }
  return lines;
}

function drawOffer(book: Bookmaker, median: number, rng: Random) {
  const alternate = rng.chance(book.alternates);
  const shift = alternate ? rng.pick([-5, -4, -3, 3, 4, 5]) : rng.pick([-1, 0, 0, 0, 0, 1]);
  const line = Math.max(0.5, Math.round(median + shift - 0.5) + 0.5);
  const [overPrice, underPrice] = alternate ? alternatePrices(shift) : evenPrices(rng);
  return { bookmaker: book.name, line, overPrice, underPrice };
}

function alternatePrices(shift: number): readonly [number, number] {
  const long = 100 + 16 * Math.abs(shift);
  const short = -(130 + 25 * Math.abs(shift));
  return shift > 0 ? [long, short] : [short, long];
}

function evenPrices(rng: Random): readonly [number, number] {
  const lean = rng.integer(-9, 9);
  return [-112 - lean, -112 + lean];
}

/** Books write plain letters; now and then a name that nobody could match. */
function drawSource(player: Player, rng: Random) {
  const name = asciiName(player.name);
  if (!rng.chance(UNMATCHED_NAME_SHARE)) return { playerId: player.id, sourceName: name };
  const [first = '', ...rest] = name.split(' ');
  return { playerId: null, sourceName: `${first.charAt(0)}. ${rest.join(' ')}` };
}
