import { variables } from '@jts/common';

export const dataIngestionVariables = {
  // Seven days of minutes.
  BARS_PER_SYMBOL: variables.integer({ fallback: 10_080, minimum: 1, maximum: 1_000_000 }),
  MAX_SYMBOLS: variables.integer({ fallback: 1_000, minimum: 1, maximum: 1_000_000 }),
  DEDUPLICATION_WINDOW: variables.integer({ fallback: 1_000, minimum: 0, maximum: 1_000_000 }),
  MAX_CLOCK_SKEW_MS: variables.milliseconds(60_000, 0),
  MAX_BATCH_SIZE: variables.integer({ fallback: 1_000, minimum: 1, maximum: 100_000 }),
};
