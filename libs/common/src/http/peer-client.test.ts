import { afterEach, describe, expect, it } from 'vitest';
import { freePort, startHttpServer, type TestServer } from '../testing';
import { PeerClient } from './peer-client';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe('PeerClient', () => {
  it('sends JSON with the request id, and takes any status as an answer', async () => {
    server = await startHttpServer((_request, response) => {
      response.writeHead(422, { 'content-type': 'application/json' }).end('{"a":1}');
    });
    const client = new PeerClient({ name: 'peer', baseUrl: `${server.url}/`, timeoutMs: 5_000 });
    const answer = await client.request('/checks', {
      method: 'POST',
      body: { b: 2 },
      requestId: 'id-1',
    });
    expect(answer).toEqual({ status: 422, body: { a: 1 } });
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      url: '/checks',
      body: '{"b":2}',
      headers: { 'x-request-id': 'id-1', 'content-type': 'application/json' },
    });
  });

  it('tells a timeout', async () => {
    server = await startHttpServer(() => undefined);
    const client = new PeerClient({ name: 'peer', baseUrl: server.url, timeoutMs: 50 });
    await expect(client.request('/')).rejects.toMatchObject({
      name: 'PeerError',
      reason: 'timeout',
      message: 'peer did not answer within 50 ms',
    });
  });

  it('tells a refused connection', async () => {
    const baseUrl = `http://127.0.0.1:${await freePort()}`;
    const client = new PeerClient({ name: 'peer', baseUrl, timeoutMs: 5_000 });
    await expect(client.request('/')).rejects.toMatchObject({
      reason: 'unreachable',
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
  });

  it.each([
    ['GET', undefined, 2],
    ['POST', true, 2],
    ['POST', undefined, 1],
  ] as const)('sends %s (idempotent: %s) %i times when the peer hangs up', async (...expected) => {
    const [method, idempotent, times] = expected;
    let asked = 0;
    server = await startHttpServer((_request, response) => {
      asked += 1;
      if (asked === 1) {
        response.destroy();
      } else {
        response.end('{}');
      }
    });
    const client = new PeerClient({ name: 'peer', baseUrl: server.url, timeoutMs: 5_000 });
    const answer = client.request('/', {
      method,
      ...(idempotent === undefined ? {} : { idempotent }),
    });
    await (times === 2
      ? expect(answer).resolves.toEqual({ status: 200, body: {} })
      : expect(answer).rejects.toMatchObject({ reason: 'unreachable' }));
    expect(asked).toBe(times);
  });

  it('tells an answer that is not JSON', async () => {
    server = await startHttpServer((_request, response) => response.end('<html>'));
    const client = new PeerClient({ name: 'peer', baseUrl: server.url, timeoutMs: 5_000 });
    await expect(client.request('/')).rejects.toMatchObject({ reason: 'invalid_response' });
  });
});
