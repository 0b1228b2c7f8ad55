import {
  freePort,
  requestJson,
  startHttpServer,
  startService,
  type ReceivedRequest,
  type StartedService,
  type TestServer,
} from '@jts/common/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { configureOrderExecution } from './configure';

const ORDER = { symbol: 'aapl', side: 'buy', type: 'limit', quantity: 10, price: 189.5 };
const APPROVED = { status: 200, body: { approved: true, violations: [] } };

interface Answer {
  status: number;
  body: unknown;
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

async function peer(answer: (request: ReceivedRequest) => Answer | undefined): Promise<TestServer> {
  const server = await startHttpServer((request, response) => {
    const given = answer(request);
    if (given !== undefined) {
      response
        .writeHead(given.status, { 'content-type': 'application/json' })
        .end(JSON.stringify(given.body));
    }
  });
  closing.push(server.close);
  return server;
}

async function orderExecution(urls: { risk: string; notifications?: string }) {
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const started = await startService((service) => {
    configureOrderExecution(service, {
      store: {
        databaseUrl: undefined,
        poolSize: 1,
        connectTimeoutMs: 1_000,
        statementTimeoutMs: 1_000,
      },
      riskManagementUrl: urls.risk,
      notificationServiceUrl: urls.notifications ?? nobody,
      peerTimeoutMs: 300,
    });
  });
  closing.push(started.close);
  return started;
}

const place = ({ url }: StartedService, fields: object = {}, key: string | null = 'key-1') =>
  requestJson(`${url}/orders`, {
    body: { ...ORDER, ...fields },
    headers: { 'x-request-id': 'request-1', ...(key === null ? {} : { 'idempotency-key': key }) },
  });

describe('POST /orders', () => {
  it('accepts an order that risk management approves, and announces it', async () => {
    const risk = await peer(() => APPROVED);
    const notifications = await peer(() => ({ status: 202, body: {} }));
    const started = await orderExecution({ risk: risk.url, notifications: notifications.url });

    const { status, body } = await place(started);
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as string,
      idempotencyKey: 'key-1',
      symbol: 'AAPL',
      side: 'buy',
      type: 'limit',
      quantity: 10,
      price: 189.5,
      status: 'accepted',
      acceptedAt: expect.any(String) as string,
    });
    const { id } = body as { id: string };
    expect(risk.requests[0]).toMatchObject({
      url: '/checks',
      headers: { 'x-request-id': 'request-1' },
    });
    expect(JSON.parse(risk.requests[0]?.body ?? '')).toEqual({
      orderId: id,
      symbol: 'AAPL',
      side: 'buy',
      quantity: 10,
      price: 189.5,
    });
    await vi.waitFor(() => {
      expect(notifications.requests).toHaveLength(1);
    });
    expect(JSON.parse(notifications.requests[0]?.body ?? '')).toMatchObject({
      event: 'order.accepted',
      payload: { id, symbol: 'AAPL' },
    });
    expect((await requestJson(`${started.url}/orders/${id}`)).body).toEqual(body);
  });

  it('answers a repeated request with the same order, without another check', async () => {
    const risk = await peer(() => APPROVED);
    const started = await orderExecution({ risk: risk.url });
    const first = await place(started);
    const second = await place(started);
    expect(second.status).toBe(200);
    expect(second.body).toEqual(first.body);
    expect(risk.requests).toHaveLength(1);
  });

  it('refuses the same key with other terms', async () => {
    const risk = await peer(() => APPROVED);
    const started = await orderExecution({ risk: risk.url });
    await place(started);
    expect(await place(started, { quantity: 11 })).toMatchObject({
      status: 409,
      body: { error: 'idempotency_conflict' },
    });
  });

  it('creates one order from simultaneous requests with one key', async () => {
    const risk = await peer(() => APPROVED);
    const started = await orderExecution({ risk: risk.url });
    const answers = await Promise.all(Array.from({ length: 8 }, () => place(started)));
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array<number>(7).fill(200),
      201,
    ]);
    expect(new Set(answers.map(({ body }) => (body as { id: string }).id)).size).toBe(1);
  });

  it('takes the clientOrderId as the key, and requires one of the two', async () => {
    const risk = await peer(() => APPROVED);
    const started = await orderExecution({ risk: risk.url });
    expect(await place(started, { clientOrderId: 'mine' }, null)).toMatchObject({
      status: 201,
      body: { idempotencyKey: 'mine' },
    });
    expect(await place(started, {}, null)).toMatchObject({
      status: 400,
      body: { error: 'idempotency_key_required' },
    });
  });

  it('passes a rejection on with its reasons, and stores nothing', async () => {
    const violations = [{ code: 'notional', message: 'too much' }];
    const risk = await peer(() => ({ status: 200, body: { approved: false, violations } }));
    const started = await orderExecution({ risk: risk.url });
    expect(await place(started)).toMatchObject({
      status: 422,
      body: { error: 'risk_rejected', details: { violations } },
    });
    expect((await requestJson(`${started.url}/orders`)).body).toEqual({ orders: [] });
  });

  it.each<[string, () => Answer | undefined]>([
    ['fails', () => ({ status: 500, body: {} })],
    ['answers something else', () => ({ status: 200, body: { approved: 'yes' } })],
    ['does not answer', () => undefined],
  ])('accepts nothing when risk management %s', async (_case, answer) => {
    const risk = await peer(answer);
    const started = await orderExecution({ risk: risk.url });
    expect(await place(started)).toMatchObject({
      status: 503,
      body: { error: 'risk_unavailable' },
    });
  });

  it('accepts nothing when risk management cannot be reached', async () => {
    const started = await orderExecution({ risk: `http://127.0.0.1:${await freePort()}` });
    expect(await place(started)).toMatchObject({
      status: 503,
      body: {
        error: 'risk_unavailable',
        message: expect.stringContaining('ECONNREFUSED') as string,
      },
    });
  });

  it('neither fails nor waits when the notification cannot be sent', async () => {
    const risk = await peer(() => APPROVED);
    const notifications = await peer(() => undefined);
    const started = await orderExecution({ risk: risk.url, notifications: notifications.url });
    expect((await place(started)).status).toBe(201);
    expect(started.logs.some(({ msg }) => msg === 'notification could not be sent')).toBe(false);
    await vi.waitFor(() => {
      expect(started.logs.at(-1)).toMatchObject({ msg: 'notification could not be sent' });
    });
  });

  it.each([
    { quantity: 0 },
    { quantity: 1.5 },
    { price: -1 },
    { side: 'short' },
    { type: 'stop' },
    { symbol: '' },
  ])('refuses the malformed %o', async (fields) => {
    const started = await orderExecution({ risk: 'http://127.0.0.1:1' });
    expect(await place(started, fields)).toMatchObject({
      status: 400,
      body: { details: [{ field: Object.keys(fields)[0] }] },
    });
  });
});

describe('GET /orders', () => {
  it('lists the newest first, by symbol', async () => {
    const risk = await peer(() => APPROVED);
    const started = await orderExecution({ risk: risk.url });
    await place(started, {}, 'a');
    await place(started, { symbol: 'TSLA' }, 'b');
    await place(started, {}, 'c');
    const keys = async (query: string) => {
      const { body } = await requestJson(`${started.url}/orders${query}`);
      return (body as { orders: { idempotencyKey: string }[] }).orders.map(
        ({ idempotencyKey }) => idempotencyKey,
      );
    };
    expect(await keys('')).toEqual(['c', 'b', 'a']);
    expect(await keys('?symbol=aapl&limit=1')).toEqual(['c']);
  });

  it('answers 404 for an unknown order', async () => {
    const started = await orderExecution({ risk: 'http://127.0.0.1:1' });
    expect(await requestJson(`${started.url}/orders/nope`)).toMatchObject({
      status: 404,
      body: { error: 'order_not_found' },
    });
  });
});

describe('health', () => {
  it('is degraded, not unhealthy, while risk management is down', async () => {
    const started = await orderExecution({ risk: `http://127.0.0.1:${await freePort()}` });
    expect(await requestJson(`${started.url}/health`)).toMatchObject({
      status: 200,
      body: { status: 'degraded', checks: [{ name: 'risk-management', status: 'unhealthy' }] },
    });
  });
});
