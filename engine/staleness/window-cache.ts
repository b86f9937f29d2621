import type { ExpectedDays } from '../partitions/calendar.ts';
import {
  type Window,
  type WindowRanges,
  windowRanges,
  type WindowSides,
} from '../partitions/window.ts';

interface KnownWindow {
  readonly upstream: ExpectedDays;
  readonly upstreamIsPartitioned: boolean;
  readonly window: string;
  readonly ranges: WindowRanges;
}

/** Windows that were worked out: a thousand assets on one calendar have a handful of different ones. */
export class WindowCache {
  readonly #byPartitions = new Map<ExpectedDays, KnownWindow[]>();

  rangesOf(window: Window, sides: WindowSides): WindowRanges {
    // What these let in depends on what is materialized, which differs from asset to asset.
    if (window.type === 'latest' || window.type === 'latest_before') {
      return windowRanges(window, sides);
    }
    const key = JSON.stringify(window);
    const { upstream, upstreamIsPartitioned } = sides;
    const known = this.#byPartitions.get(sides.own) ?? [];
    const found = known.find(
      (each) =>
        each.upstream === upstream &&
        each.upstreamIsPartitioned === upstreamIsPartitioned &&
        each.window === key,
    );
    if (found) return found.ranges;
    const ranges = windowRanges(window, sides);
    known.push({ upstream, upstreamIsPartitioned, window: key, ranges });
    this.#byPartitions.set(sides.own, known);
    return ranges;
  }
}
