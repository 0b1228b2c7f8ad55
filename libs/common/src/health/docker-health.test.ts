import { describe, expect, it } from 'vitest';
import { describeError } from './describe-error';
import { DockerHealthCheck } from './docker-health';

describe('DockerHealthCheck', () => {
  it('names each check with its duration and says why it failed', async () => {
    let time = 0;
    const health = new DockerHealthCheck({ now: () => time });
    health.register('queue', () => true);
    health.register('database', () => {
      time += 12.34;
      return Promise.reject(new Error('connection refused'));
    });
    expect(await health.performHealthCheck()).toEqual({
      status: 'unhealthy',
      checks: [
        {
          name: 'queue',
          status: 'healthy',
          critical: true,
          durationMs: expect.any(Number) as number,
        },
        {
          name: 'database',
          status: 'unhealthy',
          critical: true,
          durationMs: 12.3,
          error: 'connection refused',
        },
      ],
    });
  });

  it('names the check that did not answer in time, and tells it to stop', async () => {
    let aborted = false;
    const health = new DockerHealthCheck();
    health.register(
      'broker',
      (signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            aborted = true;
          });
        }),
      { timeoutMs: 20 },
    );
    const { status, checks } = await health.performHealthCheck();
    expect(status).toBe('unhealthy');
    expect(checks[0]).toMatchObject({ name: 'broker', error: 'timed out after 20 ms' });
    expect(aborted).toBe(true);
  });

  it('runs checks in parallel', async () => {
    const health = new DockerHealthCheck();
    let running = 0;
    const bothRunning = new Promise<void>((resolve) => {
      for (const name of ['first', 'second']) {
        health.register(name, () => {
          running += 1;
          if (running === 2) {
            resolve();
          }
          return bothRunning;
        });
      }
    });
    expect((await health.performHealthCheck()).status).toBe('healthy');
  });

  it('lets probes that arrive meanwhile share a run', async () => {
    const health = new DockerHealthCheck();
    let runs = 0;
    health.register('slow', () => {
      runs += 1;
    });
    await Promise.all([health.performHealthCheck(), health.performHealthCheck()]);
    expect(runs).toBe(1);
    await health.performHealthCheck();
    expect(runs).toBe(2);
  });

  it('counts a result of false, and a throw that is not from a promise, as failing', async () => {
    const health = new DockerHealthCheck();
    health.register('false', () => false);
    health.register('throws', () => {
      throw new Error('at once');
    });
    const { checks } = await health.performHealthCheck();
    expect(checks.map(({ error }) => error)).toEqual(['reported unhealthy', 'at once']);
  });

  it('is degraded when only non-critical checks fail', async () => {
    const health = new DockerHealthCheck();
    health.register('peer', () => false, { critical: false });
    expect((await health.performHealthCheck()).status).toBe('degraded');
  });

  it('refuses a second check of the same name', () => {
    const health = new DockerHealthCheck();
    health.register('database', () => true);
    expect(() => {
      health.register('database', () => true);
    }).toThrow('already registered');
  });
});

describe('describeError', () => {
  it.each([
    [
      new Error('connect postgres://jts:hunter2@db:5432/jts failed'),
      'connect postgres://***@db:5432/jts failed',
    ],
    [new Error('bad token=abc123, giving up'), 'bad token=*** giving up'],
    [new Error('Authorization: Bearer abc.def'), 'Authorization: Bearer ***'],
    [new Error('first line\n    at secret.ts:1'), 'first line'],
    [
      new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') }),
      'connect ECONNREFUSED',
    ],
    [new AggregateError([new Error('connect ECONNREFUSED ::1')], ''), 'connect ECONNREFUSED ::1'],
    ['text', 'text'],
    [{ password: 'hunter2' }, 'unknown error'],
  ])('%#', (error, expected) => {
    expect(describeError(error)).toBe(expected);
  });

  it('keeps it short', () => {
    expect(describeError(new Error('x'.repeat(1_000)))).toHaveLength(200);
  });
});
