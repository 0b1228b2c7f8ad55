import type { Bar } from './bar';
import { BarSeries, type BarQuery, type TickOutcome } from './bar-series';
import type { Tick } from './tick';

export interface MarketDataOptions {
  barsPerSymbol: number;
  maxSymbols: number;
  deduplicationWindow: number;
  maxClockSkewMs: number;
  now: () => number;
}

export type IngestOutcome = TickOutcome | 'from_future' | 'symbol_capacity';

/** The bar series of all symbols; memory is bounded by symbols times bars per symbol. */
export class MarketData {
  readonly #options: MarketDataOptions;
  readonly #series = new Map<string, BarSeries>();

  constructor(options: MarketDataOptions) {
    this.#options = options;
  }

  get symbols(): string[] {
    return [...this.#series.keys()];
  }

  get full(): boolean {
    return this.#series.size >= this.#options.maxSymbols;
  }

  ingest(tick: Tick): IngestOutcome {
    const { barsPerSymbol, deduplicationWindow, maxClockSkewMs, now } = this.#options;
    // One tick from a broken clock would otherwise make every correct one look too old.
    if (tick.timestamp > now() + maxClockSkewMs) {
      return 'from_future';
    }
    let series = this.#series.get(tick.symbol);
    if (series === undefined) {
      if (this.full) {
        return 'symbol_capacity';
      }
      series = new BarSeries({ capacity: barsPerSymbol, deduplicationWindow });
      this.#series.set(tick.symbol, series);
    }
    return series.add(tick);
  }

  bars(symbol: string, query: BarQuery): Bar[] {
    return this.#series.get(symbol)?.bars(query) ?? [];
  }
}
