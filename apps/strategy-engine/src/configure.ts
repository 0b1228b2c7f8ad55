import { PeerClient, type Service } from '@jts/common';
import { closesSource } from './closes-source';
import { PythonWorker } from './python-worker';
import { registerSignalRoutes } from './routes';
import { workerEnvironment } from './worker-environment';

export interface StrategyEngineOptions {
  pythonBin: string;
  workerPath: string;
  environment: Readonly<Record<string, string | undefined>>;
  workerStartTimeoutMs: number;
  workerRequestTimeoutMs: number;
  workerPingTimeoutMs: number;
  dataIngestionUrl: string;
  peerTimeoutMs: number;
  maxCloses: number;
}

export function configureStrategyEngine(service: Service, options: StrategyEngineOptions): void {
  const worker = new PythonWorker({
    command: options.pythonBin,
    args: [options.workerPath],
    environment: workerEnvironment(options.environment),
    startTimeoutMs: options.workerStartTimeoutMs,
    requestTimeoutMs: options.workerRequestTimeoutMs,
    restartDelay: { initialMs: 200, maximumMs: 10_000 },
    stableAfterMs: 30_000,
    stopGraceMs: 1_000,
    logger: service.logger,
  });
  worker.start();
  service.health.register('python-worker', () => worker.ping(options.workerPingTimeoutMs));
  service.shutdown.addHook('python worker', () => worker.stop());

  registerSignalRoutes(service, {
    worker,
    fetchCloses: closesSource(
      new PeerClient({
        name: 'data-ingestion',
        baseUrl: options.dataIngestionUrl,
        timeoutMs: options.peerTimeoutMs,
      }),
    ),
    maxCloses: options.maxCloses,
  });
}
