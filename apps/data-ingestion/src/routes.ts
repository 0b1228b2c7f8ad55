import { validate, type Service } from '@jts/common';
import { z } from 'zod';
import { INTERVALS, type Interval } from './bar';
import type { IngestOutcome, MarketData } from './market-data';
import { symbolSchema, tickSchema, timeSchema } from './tick';

export interface DataIngestionOptions {
  marketData: MarketData;
  maxBatchSize: number;
}

// A query string holds text, so a time in milliseconds has to be read as a number first.
const queryTimeSchema = z.preprocess(
  (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
  timeSchema,
);

const barsSchema = z.object({
  symbol: symbolSchema,
  interval: z.enum(Object.keys(INTERVALS) as [Interval, ...Interval[]]).default('1m'),
  from: queryTimeSchema.optional(),
  to: queryTimeSchema.optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(500),
});

export function configureDataIngestion(
  { app, health }: Pick<Service, 'app' | 'health'>,
  { marketData, maxBatchSize }: DataIngestionOptions,
): void {
  const batchSchema = z.array(tickSchema).min(1).max(maxBatchSize);

  app.post('/ticks', (request) => {
    // All or nothing as to form: a malformed tick refuses the batch before any of it is taken.
    const ticks = Array.isArray(request.body)
      ? validate(batchSchema, request.body)
      : [validate(tickSchema, request.body)];
    return summarize(ticks.map((tick) => marketData.ingest(tick)));
  });

  app.get('/bars', (request) => {
    const { symbol, ...query } = validate(barsSchema, request.query);
    const bars = marketData.bars(symbol, query).map(({ start, ...bar }) => ({
      start: new Date(start).toISOString(),
      ...bar,
    }));
    return { symbol, interval: query.interval, bars };
  });

  app.get('/symbols', () => ({ symbols: marketData.symbols }));

  health.register('symbol-capacity', () => !marketData.full, { critical: false });
}

function summarize(outcomes: IngestOutcome[]) {
  const taken = outcomes.filter((outcome) => outcome === 'accepted' || outcome === 'out_of_order');
  return {
    accepted: taken.length,
    outOfOrder: outcomes.filter((outcome) => outcome === 'out_of_order').length,
    duplicates: outcomes.filter((outcome) => outcome === 'duplicate').length,
    rejected: outcomes.flatMap((outcome, index) =>
      outcome === 'too_old' || outcome === 'from_future' || outcome === 'symbol_capacity'
        ? [{ index, reason: outcome }]
        : [],
    ),
  };
}
