import { INTERVALS, combineBars, intervalStart, type Bar, type Interval } from './bar';
import { SequenceWindow } from './sequence-window';
import type { Tick } from './tick';

const MINUTE = INTERVALS['1m'];

export type TickOutcome = 'accepted' | 'out_of_order' | 'duplicate' | 'too_old';

export interface BarQuery {
  interval: Interval;
  /** Inclusive. */
  from?: number | undefined;
  /** Exclusive. */
  to?: number | undefined;
  limit: number;
}

/** A minute bar that knows when its open and close happened, so late ticks land correctly. */
interface MinuteBar extends Bar {
  openedAt: number;
  closedAt: number;
}

/**
 * The most recent minute bars of one symbol. Longer intervals are combined when they are read.
 *
 * A tick may come late as long as its minute is still held: it counts toward that minute, and
 * becomes its open or close only if its timestamp says so. Of two ticks with the same timestamp the
 * one that arrived later is the close.
 */
export class BarSeries {
  readonly #capacity: number;
  readonly #minutes: MinuteBar[] = [];
  readonly #sequences: SequenceWindow;
  #latestTimestamp = Number.NEGATIVE_INFINITY;
  /** Start of the newest minute that was dropped; what lies before it is incomplete. */
  #evictedThrough = Number.NEGATIVE_INFINITY;

  constructor(options: { capacity: number; deduplicationWindow: number }) {
    this.#capacity = options.capacity;
    this.#sequences = new SequenceWindow(options.deduplicationWindow);
  }

  add(tick: Tick): TickOutcome {
    if (tick.sequence !== undefined && this.#sequences.has(tick.sequence)) {
      return 'duplicate';
    }
    const start = intervalStart(tick.timestamp, MINUTE);
    const oldest = this.#minutes[0];
    const full = this.#minutes.length >= this.#capacity;
    if (start <= this.#evictedThrough || (full && oldest && start < oldest.start)) {
      return 'too_old';
    }
    if (tick.sequence !== undefined) {
      this.#sequences.add(tick.sequence);
    }
    this.#merge(start, tick);
    const late = tick.timestamp < this.#latestTimestamp;
    this.#latestTimestamp = Math.max(this.#latestTimestamp, tick.timestamp);
    return late ? 'out_of_order' : 'accepted';
  }

  /** The latest `limit` bars of the range, oldest first; minutes without ticks have no bar. */
  bars({ interval, from, to, limit }: BarQuery): Bar[] {
    const minutes = this.#minutes.map(({ openedAt, closedAt, ...bar }) => bar);
    return combineBars(minutes, INTERVALS[interval])
      .filter(
        ({ start }) =>
          // The oldest long bar may have lost its first minutes; a wrong bar is worse than none.
          start > this.#evictedThrough &&
          (from === undefined || start >= from) &&
          (to === undefined || start < to),
      )
      .slice(-limit);
  }

  #merge(start: number, tick: Tick): void {
    const index = this.#position(start);
    const bar = this.#minutes[index];
    if (bar?.start !== start) {
      this.#minutes.splice(index, 0, newBar(start, tick));
      this.#evict();
      return;
    }
    if (tick.timestamp < bar.openedAt) {
      bar.open = tick.price;
      bar.openedAt = tick.timestamp;
    }
    if (tick.timestamp >= bar.closedAt) {
      bar.close = tick.price;
      bar.closedAt = tick.timestamp;
    }
    bar.high = Math.max(bar.high, tick.price);
    bar.low = Math.min(bar.low, tick.price);
    bar.volume += tick.quantity;
    bar.ticks += 1;
  }

  /** Index of the bar that starts at `start`, or where it belongs. Ticks mostly come in order. */
  #position(start: number): number {
    let index = this.#minutes.length;
    while (index > 0 && (this.#minutes[index - 1]?.start ?? start) >= start) {
      index -= 1;
    }
    return index;
  }

  #evict(): void {
    if (this.#minutes.length > this.#capacity) {
      const dropped = this.#minutes.shift();
      this.#evictedThrough = dropped?.start ?? this.#evictedThrough;
    }
  }
}

function newBar(start: number, { price, quantity, timestamp }: Tick): MinuteBar {
  return {
    start,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: quantity,
    ticks: 1,
    openedAt: timestamp,
    closedAt: timestamp,
  };
}
