import { describe, expect, it } from 'vitest';
import { BarSeries } from './bar-series';
import type { Tick } from './tick';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
// A whole hour, so that minutes, five minutes and hours all start here.
const START = Date.parse('2025-01-02T10:00:00Z');

function tick(offsetMs: number, price: number, fields: Partial<Tick> = {}): Tick {
  return { symbol: 'AAPL', price, quantity: 1, timestamp: START + offsetMs, ...fields };
}

function series(options: Partial<ConstructorParameters<typeof BarSeries>[0]> = {}): BarSeries {
  return new BarSeries({ capacity: 100, deduplicationWindow: 10, ...options });
}

const all = { interval: '1m', limit: 1_000 } as const;

describe('BarSeries', () => {
  it('makes a bar of the ticks of each minute', () => {
    const bars = series();
    for (const [offset, price] of [
      [0, 10],
      [1_000, 12],
      [2_000, 9],
      [59_999, 11],
      [MINUTE, 20],
    ] as const) {
      expect(bars.add(tick(offset, price))).toBe('accepted');
    }
    expect(bars.bars(all)).toEqual([
      { start: START, open: 10, high: 12, low: 9, close: 11, volume: 4, ticks: 4 },
      { start: START + MINUTE, open: 20, high: 20, low: 20, close: 20, volume: 1, ticks: 1 },
    ]);
  });

  it('puts a late tick where its timestamp belongs', () => {
    const bars = series();
    bars.add(tick(10_000, 10));
    bars.add(tick(2 * MINUTE, 30));
    expect(bars.add(tick(5_000, 5))).toBe('out_of_order');
    expect(bars.add(tick(50_000, 15))).toBe('out_of_order');
    expect(bars.add(tick(MINUTE, 20))).toBe('out_of_order');
    expect(bars.bars(all)).toMatchObject([
      { start: START, open: 5, close: 15 },
      { start: START + MINUTE, open: 20 },
      { start: START + 2 * MINUTE, open: 30 },
    ]);
  });

  it('takes the later arrival of two ticks at the same time as the close', () => {
    const bars = series();
    bars.add(tick(0, 10));
    expect(bars.add(tick(0, 11))).toBe('accepted');
    expect(bars.bars(all)).toMatchObject([{ open: 10, close: 11 }]);
  });

  it('counts a sequence number once, as far as its window reaches', () => {
    const bars = series({ deduplicationWindow: 2 });
    expect(bars.add(tick(0, 10, { sequence: 1 }))).toBe('accepted');
    expect(bars.add(tick(0, 10, { sequence: 1 }))).toBe('duplicate');
    bars.add(tick(0, 10, { sequence: 2 }));
    bars.add(tick(0, 10, { sequence: 3 }));
    expect(bars.add(tick(0, 10, { sequence: 1 }))).toBe('accepted');
    expect(bars.bars(all)).toMatchObject([{ ticks: 4 }]);
  });

  it('keeps a bounded number of minutes and refuses ticks before them', () => {
    const bars = series({ capacity: 2 });
    for (const minute of [0, 1, 2]) {
      bars.add(tick(minute * MINUTE, minute + 1));
    }
    expect(bars.bars(all).map(({ open }) => open)).toEqual([2, 3]);
    expect(bars.add(tick(0, 1))).toBe('too_old');
    expect(bars.add(tick(-HOUR, 1))).toBe('too_old');
  });

  it('combines minutes into longer intervals', () => {
    const bars = series();
    for (const [minute, price] of [
      [0, 10],
      [4, 14],
      [5, 15],
      [59, 5],
      [60, 60],
    ] as const) {
      bars.add(tick(minute * MINUTE, price));
    }
    expect(bars.bars({ interval: '5m', limit: 2 })).toMatchObject([
      { start: START + 55 * MINUTE, open: 5 },
      { start: START + HOUR, open: 60 },
    ]);
    expect(bars.bars({ interval: '1h', limit: 10 })).toEqual([
      { start: START, open: 10, high: 15, low: 5, close: 5, volume: 4, ticks: 4 },
      { start: START + HOUR, open: 60, high: 60, low: 60, close: 60, volume: 1, ticks: 1 },
    ]);
    // Reading must not change what is held.
    expect(bars.bars(all)).toHaveLength(5);
    expect(bars.bars(all)[0]).toMatchObject({ high: 10, ticks: 1 });
  });

  it('leaves out a long bar that has lost its first minutes', () => {
    const bars = series({ capacity: 3 });
    for (const minute of [3, 4, 5, 6]) {
      bars.add(tick(minute * MINUTE, minute));
    }
    expect(bars.bars({ interval: '5m', limit: 10 })).toMatchObject([
      { start: START + 5 * MINUTE, open: 5, close: 6 },
    ]);
  });

  it('selects by range, from inclusive and to exclusive, and the latest by limit', () => {
    const bars = series();
    for (const minute of [0, 1, 2, 3]) {
      bars.add(tick(minute * MINUTE, minute + 1));
    }
    const range = { from: START + MINUTE, to: START + 3 * MINUTE };
    expect(bars.bars({ ...all, ...range }).map(({ open }) => open)).toEqual([2, 3]);
    expect(bars.bars({ ...all, limit: 1 }).map(({ open }) => open)).toEqual([4]);
  });
});
