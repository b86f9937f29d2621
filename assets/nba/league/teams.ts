export type Conference = 'east' | 'west';

export interface Team {
  readonly id: number;
  readonly code: string;
  readonly city: string;
  readonly nickname: string;
  readonly conference: Conference;
  /** Hours its arena's clock is behind US Eastern time; moves the tip-off. */
  readonly hoursBehindEast: number;
}

const ROWS = `
ATL 37 east 0 Atlanta|Hawks
BOS 38 east 0 Boston|Celtics
CLE 39 east 0 Cleveland|Cavaliers
NOP 40 west 1 New Orleans|Pelicans
CHI 41 east 1 Chicago|Bulls
DAL 42 west 1 Dallas|Mavericks
DEN 43 west 2 Denver|Nuggets
GSW 44 west 3 Golden State|Warriors
HOU 45 west 1 Houston|Rockets
LAC 46 west 3 LA|Clippers
LAL 47 west 3 Los Angeles|Lakers
MIA 48 east 0 Miami|Heat
MIL 49 east 1 Milwaukee|Bucks
MIN 50 west 1 Minnesota|Timberwolves
BKN 51 east 0 Brooklyn|Nets
NYK 52 east 0 New York|Knicks
ORL 53 east 0 Orlando|Magic
IND 54 east 0 Indiana|Pacers
PHI 55 east 0 Philadelphia|76ers
PHX 56 west 2 Phoenix|Suns
POR 57 west 3 Portland|Trail Blazers
SAC 58 west 3 Sacramento|Kings
SAS 59 west 1 San Antonio|Spurs
OKC 60 west 1 Oklahoma City|Thunder
TOR 61 east 0 Toronto|Raptors
UTA 62 west 2 Utah|Jazz
MEM 63 west 1 Memphis|Grizzlies
WAS 64 east 0 Washington|Wizards
DET 65 east 0 Detroit|Pistons
CHA 66 east 0 Charlotte|Hornets`;

export const TEAMS: readonly Team[] = ROWS.trim().split('\n').map(parseTeam);

function parseTeam(row: string): Team {
  const [code = '', suffix = '', conference, behind, ...rest] = row.split(' ');
  const [city = '', nickname = ''] = rest.join(' ').split('|');
  return {
    id: 1_610_612_700 + Number(suffix),
    code,
    city,
    nickname,
    conference: conference === 'east' ? 'east' : 'west',
    hoursBehindEast: Number(behind),
  };
}

/** The first `count / 2` teams of each conference, East first, as every schedule and bracket expects them. */
export function chooseTeams(count: number): readonly Team[] {
  const half = count / 2;
  const of = (conference: Conference) => TEAMS.filter((t) => t.conference === conference);
  return [...of('east').slice(0, half), ...of('west').slice(0, half)];
}
