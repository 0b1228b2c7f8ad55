import { randomUUID } from 'node:crypto';
import { freePort, requestJson, startService } from '@jts/common/testing';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openOrderStore } from './open-order-store';
import { orderIdFrom, type Order } from './order';
import { PostgresOrderStore } from './postgres-order-store';

const databaseUrl = process.env.TEST_DATABASE_URL;
const skipped = databaseUrl === undefined ? ' (skipped: TEST_DATABASE_URL is not set)' : '';

function order(fields: Partial<Order> = {}): Order {
  const idempotencyKey = randomUUID();
  return {
    id: orderIdFrom(idempotencyKey),
    idempotencyKey,
    fingerprint: 'f',
    symbol: 'AAPL',
    side: 'buy',
    type: 'limit',
    quantity: 9_007_199_254_740_991,
    price: 0.1,
    status: 'accepted',
    acceptedAt: '2025-01-02T03:04:05.678Z',
    ...fields,
  };
}

describe.skipIf(databaseUrl === undefined)(`PostgresOrderStore${skipped}`, () => {
  // A schema of its own, so that the test can run against any database.
  const schema = `test_${randomUUID().replaceAll('-', '')}`;
  const pools: Pool[] = [];
  const open = () => {
    const pool = new Pool({
      connectionString: databaseUrl,
      max: 2,
      options: `-c search_path=${schema}`,
    });
    pools.push(pool);
    return new PostgresOrderStore(pool);
  };

  beforeAll(async () => {
    const pool = new Pool({ connectionString: databaseUrl, max: 1 });
    await pool.query(`create schema ${schema}`);
    await pool.end();
  });
  afterAll(async () => {
    await pools[0]?.query(`drop schema ${schema} cascade`);
    await Promise.all(pools.map((pool) => pool.end()));
  });

  it('lets replicas create the table at the same time', async () => {
    await Promise.all([open(), open(), open()].map((store) => store.prepare()));
  });

  it('gives back exactly what was stored', async () => {
    const store = open();
    const stored = order();
    expect(await store.insert(stored)).toEqual({ order: stored, inserted: true });
    expect(await store.findById(stored.id)).toEqual(stored);
    expect(await store.findByKey(stored.idempotencyKey)).toEqual(stored);
    expect(await store.findById('not-a-uuid')).toBeUndefined();
  });

  it('stores one order per idempotency key, also from two replicas at once', async () => {
    const [first, second] = [open(), open()];
    const stored = order();
    const outcomes = await Promise.all([first.insert(stored), second.insert(stored)]);
    expect(outcomes.map(({ inserted }) => inserted).sort()).toEqual([false, true]);
    expect(outcomes.map((outcome) => outcome.order)).toEqual([stored, stored]);
  });

  it('lists the newest first, by symbol', async () => {
    const store = open();
    const older = order({ symbol: 'LIST', acceptedAt: '2025-01-01T00:00:00.000Z' });
    const newer = order({ symbol: 'LIST', acceptedAt: '2025-01-01T00:00:01.000Z' });
    await store.insert(newer);
    await store.insert(older);
    expect(await store.list({ symbol: 'LIST', limit: 10 })).toEqual([newer, older]);
    expect(await store.list({ symbol: 'LIST', limit: 1 })).toEqual([newer]);
    expect((await store.list({ limit: 10 })).length).toBeGreaterThanOrEqual(2);
  });
});

describe('a database that cannot be reached', () => {
  it('makes the service unhealthy, naming the check and no credentials', async () => {
    const port = await freePort();
    const started = await startService((service) => {
      const store = openOrderStore(service, {
        databaseUrl: `postgres://jts:hunter2@127.0.0.1:${port}/jts`,
        poolSize: 1,
        connectTimeoutMs: 300,
        statementTimeoutMs: 300,
      });
      service.app.get('/store', () => store.list({ limit: 1 }));
    });
    const { status, body } = await requestJson(`${started.url}/health`);
    expect(status).toBe(503);
    expect(body).toMatchObject({
      status: 'unhealthy',
      checks: [{ name: 'postgres', error: expect.stringContaining('ECONNREFUSED') as string }],
    });
    expect(JSON.stringify([body, started.logs])).not.toContain('hunter2');
    await started.close();
  });
});
