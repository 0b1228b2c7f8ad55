import { randomUUID } from 'node:crypto';
import { bundle, freePort, startProcess, type Bundle } from '@jts/common/testing';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const databaseUrl = process.env.TEST_DATABASE_URL;
const skipped = databaseUrl === undefined ? ' (skipped: TEST_DATABASE_URL is not set)' : '';

let built: Bundle;
beforeAll(async () => {
  built = await bundle('apps/order-execution/src/main.ts');
});
afterAll(() => built.remove());

const migration = (environment: Record<string, string>) =>
  startProcess(built.file, environment, ['migrate']);

describe('main.js migrate', () => {
  it('says what is wrong with the environment, all at once, and exits 78', async () => {
    const task = migration({ LOG_LEVEL: 'loud' });
    expect(await task.exited).toBe(78);
    const problems = task.logs.flatMap(({ problems }) => problems as { variable: string }[]);
    expect(problems.map(({ variable }) => variable)).toEqual(['LOG_LEVEL', 'DATABASE_URL']);
  });

  it('exits 1 without waiting for ever when the database cannot be reached', async () => {
    const port = await freePort();
    const task = migration({ DATABASE_URL: `postgres://orders@127.0.0.1:${port}/orders` });
    expect(await task.exited).toBe(1);
    expect(task.logs.map(({ msg }) => msg)).toEqual(['task failed']);
  });

  it.skipIf(databaseUrl === undefined)(
    `prepares the database once, and again without harm${skipped}`,
    async () => {
      const schema = `test_${randomUUID().replaceAll('-', '')}`;
      const pool = new Pool({ connectionString: databaseUrl, max: 1 });
      await pool.query(`create schema ${schema}`);
      const url = new URL(databaseUrl ?? '');
      url.searchParams.set('options', `-c search_path=${schema}`);
      try {
        for (const round of [1, 2]) {
          const task = migration({ DATABASE_URL: url.href });
          expect(await task.exited, `round ${round}`).toBe(0);
          expect(task.logs.map(({ msg }) => msg)).toEqual(['database is up to date']);
        }
        const { rows } = await pool.query<{ count: string }>(
          'select count(*) from information_schema.tables where table_schema = $1',
          [schema],
        );
        expect(rows[0]?.count).toBe('1');
      } finally {
        await pool.query(`drop schema ${schema} cascade`);
        await pool.end();
      }
    },
  );
});
