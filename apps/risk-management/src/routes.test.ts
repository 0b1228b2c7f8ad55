import { requestJson, startService, type StartedService } from '@jts/common/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configureRiskManagement } from './routes';

const ORDER = { orderId: 'o-1', symbol: 'aapl', side: 'buy', quantity: 10, price: 100 };

let started: StartedService;
beforeEach(async () => {
  started = await startService((service) => {
    configureRiskManagement(service, {
      maxOrderQuantity: 100,
      maxNotional: 5_000,
      positionLimit: 30,
      positionLimits: new Map([['TSLA', 5]]),
      blockedSymbols: new Set(['GME']),
      maxReservations: 4,
    });
  });
});
afterEach(() => started.close());

const check = (fields: object = {}) =>
  requestJson(`${started.url}/checks`, { body: { ...ORDER, ...fields } });
const positions = async () => (await requestJson(`${started.url}/positions`)).body;
const release = (id: string) =>
  requestJson(`${started.url}/reservations/${id}`, { method: 'DELETE' });

describe('POST /checks', () => {
  it('approves within the limits and reserves the position', async () => {
    expect(await check()).toMatchObject({ status: 200, body: { approved: true, violations: [] } });
    await check({ orderId: 'o-2', side: 'sell', quantity: 3 });
    expect(await positions()).toEqual({ positions: [{ symbol: 'AAPL', quantity: 7 }] });
  });

  it.each([
    [{ quantity: 101, price: 1 }, ['order_quantity', 'position_limit']],
    [{ quantity: 30, price: 200 }, ['notional']],
    [{ quantity: 31, price: 1 }, ['position_limit']],
    [{ quantity: 31, price: 1, side: 'sell' }, ['position_limit']],
    [{ symbol: 'tsla', quantity: 6 }, ['position_limit']],
    [{ symbol: 'gme' }, ['symbol_blocked']],
  ])('rejects %o for %o and reserves nothing', async (fields, codes) => {
    const { status, body } = await check(fields);
    expect(status).toBe(200);
    expect(body).toMatchObject({ approved: false, violations: codes.map((code) => ({ code })) });
    expect(await positions()).toEqual({ positions: [] });
  });

  it('counts an order once, however often it is checked', async () => {
    await check({ quantity: 20 });
    expect((await check({ quantity: 20 })).body).toMatchObject({ approved: true });
    expect(await positions()).toEqual({ positions: [{ symbol: 'AAPL', quantity: 20 }] });
  });

  it('refuses other terms under the same order id', async () => {
    await check();
    expect(await check({ quantity: 11 })).toMatchObject({
      status: 409,
      body: { error: 'order_id_conflict' },
    });
  });

  it('rejects when there is no room for another reservation', async () => {
    for (const orderId of ['a', 'b', 'c', 'd']) {
      await check({ orderId, quantity: 1 });
    }
    expect((await check({ orderId: 'e', quantity: 1 })).body).toMatchObject({
      violations: [{ code: 'reservation_capacity' }],
    });
  });

  it.each([{ quantity: 1.5 }, { quantity: -1 }, { price: 0 }, { side: 'hold' }, { symbol: 'A B' }])(
    'refuses the malformed %o',
    async (fields) => {
      expect(await check(fields)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request', details: [{ field: Object.keys(fields)[0] }] },
      });
    },
  );
});

describe('DELETE /reservations/:orderId', () => {
  it('gives the position back, once', async () => {
    await check({ quantity: 30, price: 1 });
    expect((await release('o-1')).body).toEqual({ released: true });
    expect((await release('o-1')).body).toEqual({ released: false });
    expect(await positions()).toEqual({ positions: [] });
  });
});

describe('GET /limits', () => {
  it('shows them', async () => {
    expect((await requestJson(`${started.url}/limits`)).body).toEqual({
      maxOrderQuantity: 100,
      maxNotional: 5_000,
      positionLimit: 30,
      positionLimits: { TSLA: 5 },
      blockedSymbols: ['GME'],
      maxReservations: 4,
    });
  });
});
