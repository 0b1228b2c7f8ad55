import type { Service } from '@jts/common';
import { Gauge } from 'prom-client';
import { databasePool } from './database-pool';
import { InMemoryOrderStore } from './in-memory-order-store';
import type { OrderStore } from './order-store';
import { PostgresOrderStore } from './postgres-order-store';

export interface StoreOptions {
  databaseUrl: string | undefined;
  poolSize: number;
  connectTimeoutMs: number;
  statementTimeoutMs: number;
}

/** PostgreSQL when there is a database URL, otherwise memory. */
export function openOrderStore(service: Service, options: StoreOptions): OrderStore {
  const { logger, health, metrics, shutdown } = service;
  if (options.databaseUrl === undefined) {
    logger.warn('DATABASE_URL is not set: orders are kept in memory and lost at exit');
    return new InMemoryOrderStore();
  }

  const pool = databasePool({
    ...options,
    databaseUrl: options.databaseUrl,
    applicationName: service.name,
  });
  // Without a listener the loss of an idle connection would end the process.
  pool.on('error', (error) => {
    logger.warn({ err: error }, 'idle database connection lost');
  });

  const store = new PostgresOrderStore(pool);
  health.register('postgres', () => store.checkHealth());
  shutdown.addHook('database pool', () => pool.end());
  new Gauge({
    name: 'database_pool_connections',
    help: 'Connections of the database pool, and requests waiting for one.',
    labelNames: ['state'] as const,
    registers: [metrics],
    collect() {
      this.set({ state: 'total' }, pool.totalCount);
      this.set({ state: 'idle' }, pool.idleCount);
      this.set({ state: 'waiting' }, pool.waitingCount);
    },
  });
  // Not awaited: the service starts before its database and is unhealthy until it can be reached.
  store.prepare().catch((error: unknown) => {
    logger.warn({ err: error }, 'database not ready yet');
  });
  return store;
}
