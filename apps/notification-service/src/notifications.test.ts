import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import {
  freePort,
  requestJson,
  startHttpServer,
  startService,
  type ReceivedRequest,
  type TestServer,
} from '@jts/common/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { configureNotifications, type NotificationOptions } from './configure';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) {
    await close();
  }
});

async function receiver(
  answer: (response: ServerResponse, attempt: number, request: ReceivedRequest) => void,
): Promise<TestServer> {
  let attempt = 0;
  const server = await startHttpServer((request, response) => {
    attempt += 1;
    answer(response, attempt, request);
  });
  closing.push(server.close);
  return server;
}

const answering = (status: number) =>
  receiver((response) => {
    response.writeHead(status).end();
  });

async function notifications(
  urls: Record<string, string>,
  options: Partial<NotificationOptions> = {},
) {
  const started = await startService((service) => {
    configureNotifications(service, {
      webhooks: Object.entries(urls).map(([name, url]) => ({ name, url })),
      secret: undefined,
      maxAttempts: 3,
      timeoutMs: 5_000,
      backoffMs: 1,
      maxBackoffMs: 4,
      concurrency: 2,
      queueCapacity: 4,
      historyCapacity: 10,
      drainTimeoutMs: 5_000,
      ...options,
    });
  });
  closing.push(started.close);

  const notify = (fields: object = {}) =>
    requestJson(`${started.url}/notifications`, {
      body: { event: 'order.accepted', payload: { id: 'o-1' }, ...fields },
    });
  const get = async (path: string) => (await requestJson(`${started.url}${path}`)).body;
  /** The notification's state, as soon as nothing is pending any more. */
  const settled = async (body: unknown) => {
    const { id } = body as { id: string };
    return vi.waitFor(async () => {
      const state = await get(`/notifications/${id}`);
      expect(state).not.toMatchObject({ status: 'pending' });
      return state;
    }, 10_000);
  };
  return { ...started, notify, get, settled };
}

describe('POST /notifications', () => {
  it('delivers to every webhook', async () => {
    const [first, second] = [await answering(200), await answering(204)];
    const { notify, settled } = await notifications({ ops: first.url, desk: second.url });
    const { status, body } = await notify();
    expect(status).toBe(202);
    expect(body).toMatchObject({ targets: ['ops', 'desk'] });
    expect(await settled(body)).toMatchObject({
      status: 'delivered',
      deliveries: [
        { target: 'ops', status: 'delivered', attempts: 1 },
        { target: 'desk', status: 'delivered', attempts: 1 },
      ],
    });
    expect(JSON.parse(first.requests[0]?.body ?? '')).toMatchObject({
      event: 'order.accepted',
      payload: { id: 'o-1' },
    });
  });

  it('delivers to chosen webhooks only, and only to configured ones', async () => {
    const [first, second] = [await answering(200), await answering(200)];
    const { notify, settled } = await notifications({ ops: first.url, desk: second.url });
    await settled((await notify({ targets: ['desk'] })).body);
    expect([first.requests.length, second.requests.length]).toEqual([0, 1]);
    expect(await notify({ targets: ['http://127.0.0.1:1/'] })).toMatchObject({
      status: 400,
      body: { error: 'unknown_target' },
    });
  });

  it('signs the body when there is a secret', async () => {
    const server = await answering(200);
    const secret = 'a-secret-of-some-length';
    const { notify, settled } = await notifications({ ops: server.url }, { secret });
    await settled((await notify()).body);
    const request = server.requests[0];
    const [, seconds = '', digest] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(request?.headers['x-jts-signature'])) ?? [];
    expect(digest).toBe(
      createHmac('sha256', secret)
        .update(`${seconds}.${request?.body ?? ''}`)
        .digest('hex'),
    );
  });

  it('tries again after 5xx, 429 and a lost connection, and then succeeds', async () => {
    const server = await receiver((response, attempt) => {
      if (attempt === 1) {
        response.writeHead(503).end();
      } else if (attempt === 2) {
        response.writeHead(429).end();
      } else if (attempt === 3) {
        response.destroy();
      } else {
        response.end();
      }
    });
    const { notify, settled } = await notifications({ ops: server.url }, { maxAttempts: 4 });
    expect(await settled((await notify()).body)).toMatchObject({
      deliveries: [{ status: 'delivered', attempts: 4 }],
    });
    expect(server.requests.map(({ headers }) => headers['x-jts-attempt'])).toEqual([
      ...['1', '2', '3', '4'],
    ]);
  });

  it('gives up after the last attempt and lists the dead letter', async () => {
    const server = await answering(500);
    const { notify, settled, get } = await notifications({ ops: server.url });
    const { body } = await notify();
    expect(await settled(body)).toMatchObject({
      status: 'dead',
      deliveries: [{ status: 'dead', attempts: 3, lastError: 'answered 500' }],
    });
    expect(await get('/dead-letters')).toMatchObject({
      deadLetters: [{ target: 'ops', attempts: 3, message: { event: 'order.accepted' } }],
    });
  });

  it.each([400, 404, 302])('does not repeat what was refused with %i', async (status) => {
    const server = await answering(status);
    const { notify, settled } = await notifications({ ops: server.url });
    expect(await settled((await notify()).body)).toMatchObject({
      deliveries: [{ status: 'dead', attempts: 1, lastError: `answered ${status}` }],
    });
  });

  it('limits the time of an attempt, and tells neither the URL nor its secrets', async () => {
    const server = await receiver(() => undefined);
    const url = `${server.url}/hooks/T0KEN`;
    const { notify, settled, logs } = await notifications(
      { slow: url, down: `http://127.0.0.1:${await freePort()}/T0KEN` },
      { timeoutMs: 30, maxAttempts: 1 },
    );
    const state = await settled((await notify()).body);
    expect(state).toMatchObject({
      deliveries: [
        { target: 'slow', lastError: 'no answer within 30 ms' },
        { target: 'down', lastError: expect.stringMatching(/ECONNREFUSED|30 ms/) as string },
      ],
    });
    expect(JSON.stringify([state, logs])).not.toContain('T0KEN');
  });

  it('refuses with 503 when the queue is full', async () => {
    const server = await receiver(() => undefined);
    const { notify, get } = await notifications(
      { ops: server.url },
      { queueCapacity: 2, concurrency: 1, drainTimeoutMs: 0 },
    );
    await notify();
    await notify();
    const { status, headers, body } = await notify();
    expect([status, headers.get('retry-after')]).toEqual([503, '1']);
    expect(body).toMatchObject({ error: 'queue_full' });
    expect(await get('/health')).toMatchObject({ status: 'degraded' });
  });

  it('answers 404 for an unknown notification and 400 for a malformed one', async () => {
    const { notify, get } = await notifications({});
    expect(await get('/notifications/nope')).toMatchObject({ error: 'notification_not_found' });
    expect((await notify({ event: 'with space' })).status).toBe(400);
    expect((await notify({ targets: [] })).status).toBe(400);
  });
});

describe('shutdown', () => {
  it('delivers what is queued before it exits 0', async () => {
    const release: (() => void)[] = [];
    const server = await receiver((response) => {
      release.push(() => response.end());
    });
    const { notify, service, exitCodes } = await notifications(
      { ops: server.url },
      { concurrency: 1 },
    );
    await notify();
    await notify();
    await vi.waitFor(() => {
      expect(server.requests).toHaveLength(1);
    });
    service.shutdown.handleSignal('SIGTERM');
    release[0]?.();
    await vi.waitFor(() => {
      expect(server.requests).toHaveLength(2);
    });
    expect(exitCodes).toEqual([]);
    release[1]?.();
    await vi.waitFor(() => {
      expect(exitCodes).toEqual([0]);
    });
  });

  it('gives up what cannot be delivered in time, whether in flight or waiting', async () => {
    const server = await receiver(() => undefined);
    const { notify, service, exitCodes, logs } = await notifications(
      { ops: server.url },
      { concurrency: 1, drainTimeoutMs: 50 },
    );
    await notify();
    await notify();
    await vi.waitFor(() => {
      expect(server.requests).toHaveLength(1);
    });
    service.shutdown.handleSignal('SIGTERM');
    await vi.waitFor(() => {
      expect(exitCodes).toEqual([0]);
    });
    const lost = logs.filter(({ msg }) => msg === 'notification could not be delivered');
    expect(lost.map(({ lastError }) => lastError)).toEqual([
      'given up at shutdown',
      'given up at shutdown',
    ]);
  });
});
