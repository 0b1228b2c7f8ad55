import { createLogger } from '../logging/logger';
import { createService, type Service } from '../service/create-service';

export interface StartedService {
  service: Service;
  url: string;
  logs: Record<string, unknown>[];
  exitCodes: number[];
  close: () => Promise<void>;
}

/** A service in this process, listening on a port of its own, with its log lines collected. */
export async function startService(
  configure: (service: Service) => Promise<void> | void = () => undefined,
  options: { healthPath?: string; shutdownTimeoutMs?: number; features?: string[] } = {},
): Promise<StartedService> {
  const logs: Record<string, unknown>[] = [];
  const exitCodes: number[] = [];
  const service = createService({
    name: 'test-service',
    version: '1.2.3',
    features: new Set(options.features),
    healthPath: options.healthPath ?? '/health',
    logger: createLogger(
      { service: 'test-service', level: 'info' },
      { write: (line) => logs.push(JSON.parse(line) as Record<string, unknown>) },
    ),
    healthTimeoutMs: 500,
    shutdownTimeoutMs: options.shutdownTimeoutMs ?? 5_000,
    shutdownDelayMs: 0,
    exit: (code) => exitCodes.push(code),
  });
  await configure(service);
  const url = await service.app.listen({ host: '127.0.0.1', port: 0 });
  const close = async () => {
    const closed = service.app.close();
    // Clients keep connections open that nobody in a test waits for.
    service.app.server.closeAllConnections();
    await closed;
  };
  return { service, url, logs, exitCodes, close };
}
