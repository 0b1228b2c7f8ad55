import { fileURLToPath } from 'node:url';
import { createLogger } from '@jts/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { PythonWorker, type PythonWorkerOptions } from './python-worker';

const SCRIPT = fileURLToPath(new URL('testing/scripted-worker.mjs', import.meta.url));

const workers: PythonWorker[] = [];
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
});

function start(options: Partial<PythonWorkerOptions> = {}, ...flags: string[]) {
  const logs: Record<string, unknown>[] = [];
  const worker = new PythonWorker({
    command: process.execPath,
    args: [SCRIPT, ...flags],
    environment: {},
    startTimeoutMs: 10_000,
    requestTimeoutMs: 10_000,
    restartDelay: { initialMs: 10, maximumMs: 40 },
    stableAfterMs: 60_000,
    stopGraceMs: 5_000,
    logger: createLogger(
      { service: 'test', level: 'info' },
      { write: (line) => logs.push(JSON.parse(line) as Record<string, unknown>) },
    ),
    ...options,
  });
  workers.push(worker);
  worker.start();
  return { worker, logs };
}

describe('PythonWorker', () => {
  it('lets requests wait until the worker is ready, and matches answers to them', async () => {
    const { worker } = start();
    const values = Array.from({ length: 20 }, (_item, index) => index);
    const answers = await Promise.all(values.map((value) => worker.request('echo', { value })));
    expect(answers).toEqual(values);
  });

  it('passes refusals on', async () => {
    const { worker } = start();
    await expect(worker.request('refuse', {})).rejects.toMatchObject({
      reason: 'invalid_request',
      message: 'no',
    });
  });

  it('logs what is not part of the protocol and carries on', async () => {
    const { worker, logs } = start();
    expect(await worker.request('noise', {})).toBe('after noise');
    expect(logs).toContainEqual(
      expect.objectContaining({ worker: 'not part of the protocol: not JSON' }),
    );
  });

  it('rejects what is pending when the worker crashes, and restarts it', async () => {
    const { worker, logs } = start();
    const pending = worker.request('hang', {});
    const crash = worker.request('crash', {});
    for (const request of [pending, crash]) {
      await expect(request).rejects.toMatchObject({
        reason: 'unavailable',
        message: 'the worker ended with exit code 7',
      });
    }
    await expect(worker.ping(1_000)).rejects.toMatchObject({ reason: 'unavailable' });
    await vi.waitFor(() => worker.ping(5_000), 10_000);
    expect(logs).toContainEqual(expect.objectContaining({ msg: 'worker ended', restartInMs: 10 }));
  });

  it('replaces a worker that misses the deadline of a request', async () => {
    const { worker } = start({ requestTimeoutMs: 300 });
    const first = await vi.waitFor(() => worker.request('pid', {}), 10_000);
    await expect(worker.request('hang', {})).rejects.toMatchObject({ reason: 'timeout' });
    const second = await vi.waitFor(() => worker.request('pid', {}), 10_000);
    expect(second).not.toBe(first);
  });

  it('waits longer and longer between restarts, up to the maximum', async () => {
    const { logs } = start({}, '--never-ready');
    const delays = await vi.waitFor(() => {
      const found = logs.flatMap(({ restartInMs }) =>
        restartInMs === undefined ? [] : [restartInMs],
      );
      expect(found.length).toBeGreaterThanOrEqual(4);
      return found;
    }, 15_000);
    expect(delays.slice(0, 4)).toEqual([10, 20, 40, 40]);
  });

  it('reports a program that does not exist', async () => {
    const { worker } = start({ command: '/nonexistent/python3' });
    await expect(worker.request('ping', {})).rejects.toMatchObject({
      reason: 'unavailable',
      message: expect.stringContaining('could not be started') as string,
    });
  });

  it('stops by closing stdin, without a restart', async () => {
    const { worker, logs } = start();
    await worker.ping(10_000);
    await worker.stop();
    expect(logs.some(({ msg }) => msg === 'worker ended')).toBe(false);
    await expect(worker.request('ping', {})).rejects.toMatchObject({ reason: 'unavailable' });
  });

  it('kills a worker that ignores the end of stdin', async () => {
    const { worker } = start({ stopGraceMs: 50 }, '--deaf');
    await worker.ping(10_000);
    await worker.stop();
    await expect(worker.ping(100)).rejects.toMatchObject({ reason: 'unavailable' });
  });
});
