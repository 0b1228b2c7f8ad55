import { runService } from '@jts/common';
import { strategyVariables } from './configuration';
import { configureStrategyEngine } from './configure';

void runService({
  name: 'strategy-engine',
  defaultPort: 3002,
  healthPath: '/health/strategy',
  variables: strategyVariables,
  configure: (service, configuration) => {
    configureStrategyEngine(service, {
      pythonBin: configuration.PYTHON_BIN,
      workerPath: configuration.WORKER_PATH,
      environment: process.env,
      workerStartTimeoutMs: configuration.WORKER_START_TIMEOUT_MS,
      workerRequestTimeoutMs: configuration.WORKER_REQUEST_TIMEOUT_MS,
      workerPingTimeoutMs: configuration.WORKER_PING_TIMEOUT_MS,
      dataIngestionUrl: configuration.DATA_INGESTION_URL,
      peerTimeoutMs: configuration.PEER_TIMEOUT_MS,
      maxCloses: configuration.MAX_CLOSES,
    });
  },
});
