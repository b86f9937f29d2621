const MS_PER_DAY = 86_400_000;

/** Days since 1970-01-01 of a `YYYY-MM-DD` string. */
export function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / MS_PER_DAY;
}

/** The games of one player or team in one season, oldest first, with their day numbers. */
export class Timeline<T> {
  readonly days: number[] = [];
  readonly items: T[] = [];

  /** Callers add in date order. */
  push(day: number, item: T): void {
    this.days.push(day);
    this.items.push(item);
  }

  /** How many entries lie strictly before `day`: every window excludes d (domain.md D1). */
  countBefore(day: number): number {
    let low = 0;
    let high = this.days.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.days[middle] ?? Infinity) < day) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  before(day: number): T[] {
    return this.items.slice(0, this.countBefore(day));
  }

  /** The newest `n` entries strictly before `day`, oldest first. */
  lastBefore(day: number, n: number): T[] {
    const end = this.countBefore(day);
    return this.items.slice(Math.max(0, end - n), end);
  }

  /** Entries in `[day - back, day - 1]`. */
  window(day: number, back: number): T[] {
    return this.items.slice(this.countBefore(day - back), this.countBefore(day));
  }

  /** Day numbers of the entries in `[day - back, day - 1]`. */
  windowDays(day: number, back: number): number[] {
    return this.days.slice(this.countBefore(day - back), this.countBefore(day));
  }

  /** Day number of the newest entry before `day`, NULL without one. */
  lastDayBefore(day: number): number | null {
    return this.days[this.countBefore(day) - 1] ?? null;
  }
}

/** Timelines by season and entity: no window crosses a season (oracle-notes 9). */
export class Timelines<T> {
  private readonly bySeason = new Map<number, Map<string, Timeline<T>>>();

  add(season: number, key: string, entry: { readonly day: number; readonly item: T }): void {
    let entities = this.bySeason.get(season);
    if (entities === undefined)
      this.bySeason.set(season, (entities = new Map<string, Timeline<T>>()));
    let timeline = entities.get(key);
    if (timeline === undefined) entities.set(key, (timeline = new Timeline<T>()));
    timeline.push(entry.day, entry.item);
  }

  get(season: number, key: string): Timeline<T> {
    return this.bySeason.get(season)?.get(key) ?? new Timeline<T>();
  }

  entries(season: number): [string, Timeline<T>][] {
    return [...(this.bySeason.get(season) ?? new Map<string, Timeline<T>>())];
  }
}
