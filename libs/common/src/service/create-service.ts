import { LogController, fastify, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { DockerHealthCheck } from '../health/docker-health';
import { registerHealthRoutes } from '../health/health-route';
import { registerErrorHandler } from '../http/error-handler';
import { REQUEST_ID_HEADER, requestIdFrom } from '../http/request-id';
import { registerMetrics } from '../metrics/service-metrics';
import { GracefulShutdown } from '../shutdown/graceful-shutdown';

export interface ServiceOptions {
  name: string;
  version: string;
  /** The feature flags that are on. */
  features: ReadonlySet<string>;
  /** The service's own health path; `/health` answers besides. */
  healthPath: string;
  logger: Logger;
  healthTimeoutMs: number;
  shutdownTimeoutMs: number;
  shutdownDelayMs: number;
  exit: (code: number) => void;
}

export interface Service {
  name: string;
  features: ReadonlySet<string>;
  app: FastifyInstance;
  logger: Logger;
  health: DockerHealthCheck;
  metrics: Registry;
  shutdown: GracefulShutdown;
}

/** An HTTP server with everything the services have in common; listening is left to the caller. */
export function createService(options: ServiceOptions): Service {
  const { name, version, features, logger } = options;
  const app = fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ requestIdLogLabel: 'requestId' }),
    genReqId: (request) => requestIdFrom(request.headers),
    forceCloseConnections: 'idle',
    // A request that still arrives on an open connection is served, not refused: it is late, but
    // the service can do it, and its response closes the connection.
    return503OnClosing: false,
  });

  app.addHook('onRequest', async (request, reply) => {
    void reply.header(REQUEST_ID_HEADER, request.id);
  });
  registerErrorHandler(app);

  const health = new DockerHealthCheck({ defaultTimeoutMs: options.healthTimeoutMs });
  const metrics = registerMetrics(app, name);
  const shutdown = new GracefulShutdown({
    app,
    logger,
    timeoutMs: options.shutdownTimeoutMs,
    delayMs: options.shutdownDelayMs,
    exit: options.exit,
  });
  registerHealthRoutes(app, {
    health,
    paths: ['/health', options.healthPath],
    service: name,
    isDraining: () => shutdown.draining,
  });
  app.get('/', () => ({ service: name, version, features: [...features] }));

  return { name, features, app, logger, health, metrics, shutdown };
}
