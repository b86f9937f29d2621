import { dayOf, nthWeekday, weekdayOf, type Day } from './day.ts';

const TUESDAY = 2;
const ALL_STAR_DAYS = 6;

/** The Tuesday on or after 18 October: 2021-10-19, 2022-10-18, 2023-10-24, ... */
export function openingDay(season: number): Day {
  const earliest = dayOf(season, 10, 18);
  return earliest + ((TUESDAY - weekdayOf(earliest) + 7) % 7);
}

/** Thanksgiving, Christmas Eve, the All-Star break (Friday to Wednesday) and the Monday of the college final. */
export function offDays(season: number): ReadonlySet<Day> {
  const spring = season + 1;
  const allStarSunday = nthWeekday(spring, 2, { weekday: 0, nth: 3 });
  const days = new Set<Day>([
    nthWeekday(season, 11, { weekday: 4, nth: 4 }),
    dayOf(season, 12, 24),
    nthWeekday(spring, 4, { weekday: 1, nth: 1 }),
  ]);
  for (let i = 0; i < ALL_STAR_DAYS; i++) days.add(allStarSunday - 2 + i);
  return days;
}

/** The first `count` days on which regular-season games may be played. */
export function playingDays(season: number, count: number): readonly Day[] {
  const closed = offDays(season);
  const days: Day[] = [];
  for (let day = openingDay(season); days.length < count; day++) {
    if (!closed.has(day)) days.push(day);
  }
  return days;
}
