export interface Bar {
  /** Start of the interval, in milliseconds since the epoch. */
  start: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  ticks: number;
}

export const INTERVALS = { '1m': 60_000, '5m': 300_000, '1h': 3_600_000 } as const;

export type Interval = keyof typeof INTERVALS;

export function intervalStart(timestamp: number, lengthMs: number): number {
  return timestamp - (timestamp % lengthMs);
}

/** Combines bars, in ascending order, into bars of a longer interval. */
export function combineBars(bars: readonly Bar[], lengthMs: number): Bar[] {
  const combined: Bar[] = [];
  for (const bar of bars) {
    const start = intervalStart(bar.start, lengthMs);
    const last = combined.at(-1);
    if (last?.start !== start) {
      combined.push({ ...bar, start });
      continue;
    }
    last.high = Math.max(last.high, bar.high);
    last.low = Math.min(last.low, bar.low);
    last.close = bar.close;
    last.volume += bar.volume;
    last.ticks += bar.ticks;
  }
  return combined;
}
