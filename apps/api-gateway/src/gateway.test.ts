import { request as httpRequest } from 'node:http';
import { once } from 'node:events';
import {
  freePort,
  requestJson,
  startHttpServer,
  startService,
  type ReceivedRequest,
} from '@jts/common/testing';
import type { PeerName } from '@jts/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { configureGateway } from './configure';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

async function peer(answer: (request: ReceivedRequest, response: ServerResponse) => void) {
  const server = await startHttpServer(answer);
  closing.push(server.close);
  return server;
}

async function gateway(
  urls: Partial<Record<PeerName, string>>,
  upstreamTimeoutMs = 5_000,
  features: string[] = [],
) {
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const started = await startService(
    (service) =>
      configureGateway(service, {
        urls: {
          'strategy-engine': nobody,
          'order-execution': nobody,
          'risk-management': nobody,
          'data-ingestion': nobody,
          'notification-service': nobody,
          ...urls,
        },
        upstreamTimeoutMs,
        peerHealthTimeoutMs: 200,
      }),
    { features },
  );
  closing.push(started.close);
  return started;
}

describe('forwarding', () => {
  it.each<[string, PeerName, string]>([
    ['/api/orders', 'order-execution', '/orders'],
    ['/api/orders/o-1?x=1', 'order-execution', '/orders/o-1?x=1'],
    ['/api/risk/limits', 'risk-management', '/limits'],
    ['/api/risk/positions', 'risk-management', '/positions'],
    ['/api/bars?symbol=A%20B', 'data-ingestion', '/bars?symbol=A%20B'],
    ['/api/ticks', 'data-ingestion', '/ticks'],
    ['/api/symbols', 'data-ingestion', '/symbols'],
    ['/api/signals/AAPL?fast=2', 'strategy-engine', '/signals/AAPL?fast=2'],
    ['/api/notifications/n-1', 'notification-service', '/notifications/n-1'],
  ])('takes %s to %s as %s', async (path, name, target) => {
    const server = await peer((_request, response) => response.end('{}'));
    const { url } = await gateway({ [name]: server.url });
    expect((await fetch(`${url}${path}`)).status).toBe(200);
    expect(server.requests[0]?.url).toBe(target);
  });

  it('looks up and orders nothing while it is read-only', async () => {
    const server = await peer((_request, response) => response.end('{}'));
    const { url } = await gateway({ 'order-execution': server.url }, undefined, ['read-only']);
    expect((await fetch(`${url}/api/orders`)).status).toBe(200);
    const { status, body } = await requestJson(`${url}/api/orders`, { body: { quantity: 1 } });
    expect([status, body]).toMatchObject([503, { error: 'read-only' }]);
    expect(server.requests).toHaveLength(1);
    expect(await (await fetch(url)).json()).toMatchObject({ features: ['read-only'] });
  });

  it('keeps method, body, headers and status, and adds the request id', async () => {
    const server = await peer(({ body }, response) => {
      response.writeHead(201, { 'content-type': 'application/json', 'x-own': 'yes' }).end(body);
    });
    const { url } = await gateway({ 'order-execution': server.url });
    const { status, headers, body } = await requestJson(`${url}/api/orders`, {
      body: { quantity: 1 },
      headers: { 'idempotency-key': 'k', 'x-request-id': 'r-1', 'x-forwarded-for': '10.0.0.9' },
    });
    expect([status, body, headers.get('x-own')]).toEqual([201, { quantity: 1 }, 'yes']);
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      body: '{"quantity":1}',
      headers: {
        'idempotency-key': 'k',
        'x-request-id': 'r-1',
        'x-forwarded-for': '10.0.0.9, 127.0.0.1',
        host: new URL(server.url).host,
      },
    });
  });

  it('streams both ways: the first bytes of an answer arrive before its last are sent', async () => {
    let finish: (() => void) | undefined;
    const server = await peer((_request, response) => {
      response.write('first');
      finish = () => response.end(' last');
    });
    const { url } = await gateway({ 'data-ingestion': server.url });
    const response = await fetch(`${url}/api/bars`);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe('first');
    finish?.();
    expect((await reader?.read())?.value).toBe(' last');
  });

  it.each(['POST', 'DELETE'])('keeps a chunked %s body framed', async (method) => {
    const server = await peer((_request, response) => response.end('{}'));
    const { url } = await gateway({ 'order-execution': server.url });
    const request = httpRequest(`${url}/api/orders`, {
      method,
      headers: { 'transfer-encoding': 'chunked' },
    });
    const smuggled = 'GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n';
    request.end(smuggled);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(200);
    expect(server.requests).toMatchObject([{ method, body: smuggled }]);
  });

  it.each([
    ['GET', 200],
    ['POST', 201],
  ])('loses no %s when the service closes the connections it keeps', async (method, status) => {
    let hangUp = false;
    const server = await peer((_request, response) => {
      if (hangUp && response.req.socket.bytesWritten > 0) {
        // A kept connection that is closed while a request is on its way.
        response.destroy();
      } else {
        response.writeHead(status).end('{}');
      }
    });
    const { url } = await gateway({ 'order-execution': server.url });
    const ask = () => fetch(`${url}/api/orders`, { method, ...(method === 'POST' ? { body: '{}' } : {}) });
    expect((await ask()).status).toBe(status);
    hangUp = true;
    expect((await ask()).status).toBe(status);
  });

  it('answers 502 when the service cannot be reached', async () => {
    const { url } = await gateway({});
    expect(await requestJson(`${url}/api/orders`, { body: {} })).toMatchObject({
      status: 502,
      body: {
        error: 'upstream_unreachable',
        message: expect.stringMatching(
          /^order-execution cannot be reached: .*ECONNREFUSED/,
        ) as string,
      },
    });
  });

  it('answers 504 when the service does not answer in time', async () => {
    const server = await peer(() => undefined);
    const { url } = await gateway({ 'order-execution': server.url }, 100);
    expect(await requestJson(`${url}/api/orders`)).toMatchObject({
      status: 504,
      body: {
        error: 'upstream_timeout',
        message: 'order-execution did not answer within 100 ms',
      },
    });
  });

  it('gives up the forwarded request when the caller hangs up', async () => {
    let hungUp = false;
    const server = await peer((_request, response) => {
      response.on('close', () => {
        hungUp = true;
      });
    });
    const { url } = await gateway({ 'data-ingestion': server.url });
    const controller = new AbortController();
    const answer = fetch(`${url}/api/bars`, { signal: controller.signal });
    await vi.waitFor(() => {
      expect(server.requests).toHaveLength(1);
    });
    controller.abort();
    await expect(answer).rejects.toThrow();
    await vi.waitFor(() => {
      expect(hungUp).toBe(true);
    });
  });

  it.each(['/api/risk/checks', '/api/risk/reservations/o-1', '/api/metrics', '/api/ordersx'])(
    'does not reach %s',
    async (path) => {
      const { url } = await gateway({});
      expect((await fetch(`${url}${path}`, { method: 'POST' })).status).toBe(404);
    },
  );
});

describe('health', () => {
  it('is degraded, and still 200, while services are down; each is named', async () => {
    const server = await peer((_request, response) => response.end('{}'));
    const { url } = await gateway({ 'order-execution': server.url });
    const { status, body } = await requestJson(`${url}/health`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'degraded',
      checks: [
        { name: 'strategy-engine', status: 'unhealthy', critical: false },
        { name: 'order-execution', status: 'healthy' },
        { name: 'risk-management', status: 'unhealthy' },
        { name: 'data-ingestion', status: 'unhealthy' },
        { name: 'notification-service', status: 'unhealthy' },
      ],
    });
    expect(server.requests[0]?.url).toBe('/health/orders');
  });
});
