import type { Service } from '@jts/common';
import { databasePool } from './database-pool';
import { PostgresOrderStore } from './postgres-order-store';

export interface MigrationOptions {
  databaseUrl: string;
  connectTimeoutMs: number;
  statementTimeoutMs: number;
}

/**
 * Brings the database to what this version of the service needs, and changes nothing that is so already: it may run
 * beside another one, and beside the service.
 */
export async function migrate(options: MigrationOptions, logger: Service['logger']): Promise<void> {
  const pool = databasePool({
    ...options,
    poolSize: 1,
    applicationName: 'order-execution-migration',
  });
  // Without a listener the loss of an idle connection would end the process.
  pool.on('error', (error) => {
    logger.warn({ err: error }, 'idle database connection lost');
  });
  try {
    await new PostgresOrderStore(pool).prepare();
    logger.info('database is up to date');
  } finally {
    await pool.end();
  }
}
