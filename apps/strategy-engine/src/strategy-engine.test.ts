import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  freePort,
  requestJson,
  startHttpServer,
  startService,
  type StartedService,
  type TestServer,
} from '@jts/common/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { configureStrategyEngine } from './configure';

const WORKER = fileURLToPath(new URL('../python/worker.py', import.meta.url));
const PYTHON = process.env.PYTHON_BIN ?? 'python3';
const missing = whyPythonIsMissing();
const skipped = missing === undefined ? '' : ` (skipped: ${missing})`;

function whyPythonIsMissing(): string | undefined {
  try {
    execFileSync(PYTHON, ['-c', 'import numpy, pandas'], { stdio: ['ignore', 'ignore', 'pipe'] });
    return undefined;
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer };
    const reason = stderr?.toString().trim().split('\n').at(-1) ?? 'it cannot be started';
    return `${PYTHON}: ${reason}; set PYTHON_BIN to a Python with numpy and pandas`;
  }
}

describe.skipIf(missing !== undefined)(`strategy-engine with its Python worker${skipped}`, () => {
  let started: StartedService;
  let dataIngestion: TestServer;
  let bars: { close: number }[] = [];

  beforeAll(async () => {
    dataIngestion = await startHttpServer((_request, response) => {
      response.end(JSON.stringify({ bars }));
    });
    started = await startService((service) => {
      configureStrategyEngine(service, {
        pythonBin: PYTHON,
        workerPath: WORKER,
        environment: process.env,
        workerStartTimeoutMs: 60_000,
        workerRequestTimeoutMs: 60_000,
        workerPingTimeoutMs: 400,
        dataIngestionUrl: dataIngestion.url,
        peerTimeoutMs: 5_000,
        maxCloses: 100,
      });
    });
    // Answers once the worker has started.
    await requestJson(`${started.url}/signals`, { body: { closes: [1, 2, 3], fast: 1, slow: 2 } });
  }, 60_000);
  afterAll(async () => {
    started.service.shutdown.handleSignal('SIGTERM');
    await vi.waitFor(() => {
      expect(started.exitCodes).toEqual([0]);
    }, 5_000);
    await dataIngestion.close();
  });

  const post = (body: object) => requestJson(`${started.url}/signals`, { body });

  it.each([
    ['buy', [5, 4, 3, 2, 9]],
    ['sell', [1, 2, 3, 4, 0]],
    ['hold', [1, 2, 3, 4, 5]],
    ['hold', [0.1, 0.1, 0.1, 0.1, 0.1]],
  ])('signals %s for %j', async (signal, closes) => {
    expect(await post({ closes, fast: 2, slow: 3 })).toMatchObject({
      status: 200,
      body: { signal, fast: 2, slow: 3 },
    });
  });

  it('gives the averages and where they crossed', async () => {
    expect((await post({ closes: [3, 2, 1, 5, 6, 1, 0], fast: 2, slow: 3 })).body).toEqual({
      signal: 'hold',
      fast: 2,
      slow: 3,
      fastAverage: 0.5,
      slowAverage: 7 / 3,
      crossings: [
        { index: 3, direction: 'buy' },
        { index: 5, direction: 'sell' },
      ],
    });
  });

  it('does not count averages that touch and part again as a crossing', async () => {
    // The fast average falls onto the slow one at index 4 and rises above it again.
    expect((await post({ closes: [1, 2, 3, 3, 3, 4], fast: 2, slow: 3 })).body).toMatchObject({
      signal: 'hold',
      crossings: [],
    });
  });

  it('computes from the bars of data ingestion', async () => {
    bars = [5, 4, 3, 2, 9].map((close) => ({ close }));
    const { status, body } = await requestJson(
      `${started.url}/signals/aapl?fast=2&slow=3&interval=5m`,
    );
    expect(status).toBe(200);
    expect(body).toMatchObject({ symbol: 'AAPL', interval: '5m', signal: 'buy' });
    expect(dataIngestion.requests.at(-1)?.url).toBe('/bars?symbol=aapl&interval=5m&limit=7');
  });

  it('answers 422 when there is not enough data', async () => {
    bars = [];
    expect(await requestJson(`${started.url}/signals/AAPL`)).toMatchObject({
      status: 422,
      body: { error: 'insufficient_data' },
    });
  });

  it.each([
    { fast: 3, slow: 3 },
    { fast: 0, slow: 3 },
    { closes: ['1'] },
    { closes: Array<number>(101).fill(1) },
  ])('answers 400 to %j', async (fields) => {
    expect((await post({ closes: [1, 2, 3, 4], fast: 1, slow: 2, ...fields })).status).toBe(400);
  });

  it('is healthy by a roundtrip through the worker', async () => {
    await vi.waitFor(async () => {
      expect(await requestJson(`${started.url}/health`)).toMatchObject({
        status: 200,
        body: { checks: [{ name: 'python-worker', status: 'healthy' }] },
      });
    }, 5_000);
  });

  it('has a worker that answers every line, outlives SIGTERM and ends with stdin', async () => {
    const child = spawn(PYTHON, [WORKER], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async () => JSON.parse((await lines.next()).value as string) as unknown;
    expect(await next()).toMatchObject({ ready: true });
    child.kill('SIGTERM');
    const exchange = (line: string) => {
      child.stdin.write(`${line}\n`);
      return next();
    };
    expect(await exchange('{"id":1,"operation":"ping"}')).toEqual({ id: 1, result: 'pong' });
    expect(await exchange('nonsense')).toMatchObject({ error: { code: 'invalid_json' } });
    expect(await exchange('[]')).toMatchObject({ error: { code: 'invalid_request' } });
    expect(await exchange('{"id":2,"operation":"exec"}')).toMatchObject({ id: 2, error: {} });
    expect(
      await exchange('{"id":3,"operation":"crossover","closes":[1,NaN,2],"fast":1,"slow":2}'),
    ).toMatchObject({ id: 3, error: { code: 'invalid_request' } });
    child.stdin.end();
    expect(await once(child, 'close')).toEqual([0, null]);
  });
});

describe('strategy-engine without Python', () => {
  it('stays up, is unhealthy by name, and answers 503', async () => {
    const dataIngestionUrl = `http://127.0.0.1:${await freePort()}`;
    const started = await startService((service) => {
      configureStrategyEngine(service, {
        pythonBin: '/nonexistent/python3',
        workerPath: WORKER,
        environment: {},
        workerStartTimeoutMs: 1_000,
        workerRequestTimeoutMs: 1_000,
        workerPingTimeoutMs: 400,
        dataIngestionUrl,
        peerTimeoutMs: 1_000,
        maxCloses: 100,
      });
    });
    expect(await requestJson(`${started.url}/health`)).toMatchObject({
      status: 503,
      body: { checks: [{ name: 'python-worker', status: 'unhealthy' }] },
    });
    expect(
      await requestJson(`${started.url}/signals`, {
        body: { closes: [1, 2, 3], fast: 1, slow: 2 },
      }),
    ).toMatchObject({ status: 503, body: { error: 'worker_unavailable' } });
    expect(await requestJson(`${started.url}/signals/AAPL`)).toMatchObject({
      status: 502,
      body: { error: 'bars_unavailable' },
    });
    started.service.shutdown.handleSignal('SIGTERM');
    await vi.waitFor(() => {
      expect(started.exitCodes).toEqual([0]);
    });
  });
});
