import { Agent, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, freePort, startProcess, type Bundle } from '../testing';

let fixture: Bundle;
beforeAll(async () => {
  fixture = await bundle('libs/common/src/testing/fixture-service.ts');
});
afterAll(() => fixture.remove());

async function start(environment: Record<string, string> = {}) {
  const port = await freePort();
  const process = startProcess(fixture.file, { PORT: String(port), ...environment });
  await process.logged(/^Server listening/);
  return { process, url: `http://127.0.0.1:${port}` };
}

async function request(url: string, agent?: Agent): Promise<IncomingMessage> {
  const [response] = (await once(get(url, agent ? { agent } : {}), 'response')) as [
    IncomingMessage,
  ];
  return response;
}

describe('a signal', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    '%s lets a request in flight complete, closes its connection, runs hooks and exits 0',
    async (signal) => {
      const { process, url } = await start();
      const agent = new Agent({ keepAlive: true });
      const answered = request(`${url}/slow/300`, agent);
      await process.logged('incoming request');

      process.signal(signal);
      const response = await answered;
      expect(response.statusCode).toBe(200);
      expect(response.headers.connection).toBe('close');
      expect(await text(response)).toBe('{"answered":true}');
      expect(await process.exited).toBe(0);
      expect(process.logs.map(({ msg }) => msg)).toEqual(
        expect.arrayContaining(['draining', 'hook ran', 'stopped']),
      );
      agent.destroy();
    },
  );

  it('is not delayed by an idle keep-alive connection', async () => {
    const { process, url } = await start();
    const agent = new Agent({ keepAlive: true });
    await text(await request(url, agent));

    const signaledAt = performance.now();
    process.signal('SIGTERM');
    expect(await process.exited).toBe(0);
    expect(performance.now() - signaledAt).toBeLessThan(2_000);
    agent.destroy();
  });

  it('is not delayed by a connection that was never used', async () => {
    const { process, url } = await start();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    // Proves that the server has accepted it, as connections are accepted in order.
    await text(await request(url));

    const signaledAt = performance.now();
    process.signal('SIGTERM');
    expect(await process.exited).toBe(0);
    expect(performance.now() - signaledAt).toBeLessThan(2_000);
    socket.destroy();
  });

  it('makes health answer 503 "draining" while connections are still accepted', async () => {
    const { process, url } = await start({ SHUTDOWN_DELAY_MS: '600' });
    process.signal('SIGTERM');
    await process.logged('draining');

    const response = await fetch(`${url}/health/fixture`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ status: 'draining' });
    expect(await process.exited).toBe(0);
  });

  it('received twice exits 1 at once', async () => {
    const { process, url } = await start();
    request(`${url}/slow/10000`).catch(() => undefined);
    await process.logged('incoming request');

    process.signal('SIGTERM');
    await process.logged('draining');
    process.signal('SIGTERM');
    expect(await process.exited).toBe(1);
  });

  it('exits 1 when the deadline passes', async () => {
    const { process } = await start({ HOOK_MS: '10000', SHUTDOWN_TIMEOUT_MS: '200' });
    process.signal('SIGTERM');
    expect(await process.exited).toBe(1);
    expect(process.logs.at(-1)).toMatchObject({ level: 'error', timeoutMs: 200 });
  });
});

describe('the configuration', () => {
  it('is refused with exit code 78 and one line that names every bad variable', async () => {
    const process = startProcess(fixture.file, {
      PORT: '',
      LOG_LEVEL: 'loud',
      REQUIRED_NUMBER: '11',
    });
    expect(await process.exited).toBe(78);
    expect(process.stderr()).toBe('');
    expect(process.logs).toHaveLength(1);
    expect(process.logs[0]).toMatchObject({
      level: 'fatal',
      service: 'fixture',
      problems: [
        { variable: 'PORT', problem: 'is empty; expected an integer from 1 to 65535' },
        {
          variable: 'LOG_LEVEL',
          problem: 'is "loud"; expected one of trace, debug, info, warn, error, fatal, silent',
        },
        { variable: 'REQUIRED_NUMBER', problem: 'is "11"; expected an integer from 1 to 10' },
      ],
    });
  });
});

describe('a service process', () => {
  it('exits 1 when its port is taken', async () => {
    const { process: first, url } = await start();
    const second = startProcess(fixture.file, { PORT: new URL(url).port });
    expect(await second.exited).toBe(1);
    expect(second.logs.at(-1)).toMatchObject({ level: 'fatal', msg: 'failed to start' });
    first.signal('SIGTERM');
    expect(await first.exited).toBe(0);
  });

  it('writes nothing but JSON lines, with secrets redacted', async () => {
    const { process, url } = await start({ SERVICE_NAME: 'renamed' });
    await fetch(`${url}/secret`, { headers: { 'x-request-id': 'abc-1' } });
    expect(await process.logged('secrets')).toMatchObject({
      level: 'info',
      service: 'renamed',
      requestId: 'abc-1',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      token: '[redacted]',
      nested: { password: '[redacted]' },
    });
    process.signal('SIGTERM');
    expect(await process.exited).toBe(0);
    expect(process.stderr()).toBe('');
  });
});
