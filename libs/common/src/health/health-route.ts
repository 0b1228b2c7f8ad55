import type { FastifyInstance, FastifyReply } from 'fastify';
import type { DockerHealthCheck } from './docker-health';

export interface HealthRouteOptions {
  health: DockerHealthCheck;
  paths: readonly string[];
  service: string;
  isDraining: () => boolean;
}

/** Answers 200 when healthy or degraded, and 503 when unhealthy or draining. */
export function registerHealthRoutes(app: FastifyInstance, options: HealthRouteOptions): void {
  const { health, service, isDraining } = options;

  const answer = async (reply: FastifyReply) => {
    void reply.header('cache-control', 'no-store');
    if (isDraining()) {
      return reply.code(503).send({ service, status: 'draining', checks: [] });
    }
    const report = await health.performHealthCheck();
    return reply.code(report.status === 'unhealthy' ? 503 : 200).send({ service, ...report });
  };

  for (const path of new Set(options.paths)) {
    // Probes come every few seconds; at info they would drown the requests that matter.
    app.get(path, { logLevel: 'warn' }, (_request, reply) => answer(reply));
  }
}
