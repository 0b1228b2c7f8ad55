import { runService } from '@jts/common';
import { dataIngestionVariables } from './configuration';
import { MarketData } from './market-data';
import { configureDataIngestion } from './routes';

void runService({
  name: 'data-ingestion',
  defaultPort: 3005,
  healthPath: '/health',
  variables: dataIngestionVariables,
  configure: (service, configuration) => {
    configureDataIngestion(service, {
      marketData: new MarketData({
        barsPerSymbol: configuration.BARS_PER_SYMBOL,
        maxSymbols: configuration.MAX_SYMBOLS,
        deduplicationWindow: configuration.DEDUPLICATION_WINDOW,
        maxClockSkewMs: configuration.MAX_CLOCK_SKEW_MS,
        now: () => Date.now(),
      }),
      maxBatchSize: configuration.MAX_BATCH_SIZE,
    });
  },
});
