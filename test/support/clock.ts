/** A clock that a test moves itself; every reading is a millisecond later than the one before. */
export interface TestClock {
  readonly now: () => number;
  readonly advance: (ms: number) => void;
}

/** A clock that begins at a date's noon, UTC. */
export function testClock(date = '2024-03-01'): TestClock {
  let time = Date.parse(`${date}T12:00:00Z`);
  return {
    now: () => time++,
    advance: (ms) => {
      time += ms;
    },
  };
}
