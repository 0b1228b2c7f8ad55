import { Pool } from 'pg';

export interface PoolOptions {
  databaseUrl: string;
  poolSize: number;
  connectTimeoutMs: number;
  statementTimeoutMs: number;
  /** What the database calls whoever is connected. */
  applicationName: string;
}

/** Connections that give up in time; none is opened before it is needed. */
export function databasePool(options: PoolOptions): Pool {
  return new Pool({
    connectionString: options.databaseUrl,
    max: options.poolSize,
    connectionTimeoutMillis: options.connectTimeoutMs,
    statement_timeout: options.statementTimeoutMs,
    query_timeout: options.statementTimeoutMs,
    application_name: options.applicationName,
  });
}
