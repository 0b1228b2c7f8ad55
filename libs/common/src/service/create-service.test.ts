import { afterEach, describe, expect, it } from 'vitest';
import { HttpError } from '../http/http-error';
import { startService, type StartedService } from '../testing';

let started: StartedService | undefined;
afterEach(async () => {
  await started?.close();
  started = undefined;
});

describe('health routes', () => {
  it('answer at the own path and at /health', async () => {
    started = await startService(undefined, { healthPath: '/health/orders' });
    for (const path of ['/health', '/health/orders']) {
      const response = await fetch(`${started.url}${path}`);
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({
        service: 'test-service',
        status: 'healthy',
        checks: [],
      });
    }
  });

  it('answer 503 when unhealthy and 200 when degraded', async () => {
    let critical = 'failing';
    started = await startService(({ health }) => {
      health.register('database', () => critical !== 'failing');
      health.register('peer', () => false, { critical: false });
    });
    expect((await fetch(`${started.url}/health`)).status).toBe(503);
    critical = 'passing';
    const response = await fetch(`${started.url}/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: 'degraded' });
  });
});

describe('requests', () => {
  it('keep a well-formed request id and replace any other', async () => {
    started = await startService();
    const send = async (id: string) =>
      (await fetch(`${started?.url ?? ''}/`, { headers: { 'x-request-id': id } })).headers.get(
        'x-request-id',
      );
    expect(await send('order-42')).toBe('order-42');
    expect(await send('not a {valid} id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('get name and version at /', async () => {
    started = await startService();
    const response = await fetch(started.url);
    expect(await response.json()).toEqual({
      service: 'test-service',
      version: '1.2.3',
      features: [],
    });
  });

  it('get errors of one shape, without the details of unexpected ones', async () => {
    started = await startService(({ app }) => {
      app.get('/known', () => {
        throw new HttpError(409, 'conflict', 'already there', { id: 1 });
      });
      app.get('/unknown', () => {
        throw new Error('password=hunter2');
      });
    });
    const requestId = expect.any(String) as string;
    const errorAt = async (path: string, init?: RequestInit) => {
      const response = await fetch(`${started?.url ?? ''}${path}`, init);
      return [response.status, await response.json()];
    };
    expect(await errorAt('/known')).toEqual([
      409,
      { error: 'conflict', message: 'already there', requestId, details: { id: 1 } },
    ]);
    expect(await errorAt('/unknown')).toEqual([
      500,
      {
        error: 'internal_error',
        message: expect.not.stringContaining('hunter2') as string,
        requestId,
      },
    ]);
    expect(await errorAt('/nowhere?a=b')).toEqual([
      404,
      { error: 'not_found', message: 'no route for GET /nowhere', requestId },
    ]);
    expect(
      await errorAt('/', {
        method: 'POST',
        body: '{',
        headers: { 'content-type': 'application/json' },
      }),
    ).toEqual([400, expect.objectContaining({ error: 'invalid_request' })]);
  });
});

describe('/metrics', () => {
  it('measures requests by route pattern and shares one label among unknown paths', async () => {
    started = await startService(({ app }) => {
      app.get('/orders/:id', () => ({}));
    });
    for (const path of ['/orders/1', '/orders/2', '/nowhere/1', '/nowhere/2']) {
      await (await fetch(`${started.url}${path}`)).text();
    }
    const metrics = await (await fetch(`${started.url}/metrics`)).text();
    const counts = metrics
      .split('\n')
      .filter((line) => line.startsWith('http_request_duration_seconds_count'));
    expect(counts).toEqual([
      'http_request_duration_seconds_count{service="test-service",method="GET",route="/orders/:id",status="200"} 2',
      'http_request_duration_seconds_count{service="test-service",method="GET",route="unmatched",status="404"} 2',
    ]);
    expect(metrics).toContain('process_cpu_seconds_total{service="test-service"}');
  });
});
