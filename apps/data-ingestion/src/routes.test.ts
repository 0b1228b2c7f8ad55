import { requestJson, startService, type StartedService } from '@jts/common/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MarketData } from './market-data';
import { configureDataIngestion } from './routes';

const NOW = Date.parse('2025-01-02T10:30:00Z');
const TICK = { symbol: 'aapl', price: 10, quantity: 2, timestamp: '2025-01-02T10:00:00Z' };

let started: StartedService;
beforeEach(async () => {
  started = await startService((service) => {
    configureDataIngestion(service, {
      marketData: new MarketData({
        barsPerSymbol: 10,
        maxSymbols: 2,
        deduplicationWindow: 10,
        maxClockSkewMs: 1_000,
        now: () => NOW,
      }),
      maxBatchSize: 3,
    });
  });
});
afterEach(() => started.close());

const post = (body: unknown) => requestJson(`${started.url}/ticks`, { body });
const get = (path: string) => requestJson(`${started.url}${path}`);

describe('POST /ticks', () => {
  it('takes one tick or a batch, with times as text or in milliseconds', async () => {
    expect(await post(TICK)).toMatchObject({ status: 200, body: { accepted: 1, rejected: [] } });
    const timestamp = Date.parse('2025-01-02T10:00:30Z');
    expect(await post([{ ...TICK, timestamp, price: 12 }, TICK])).toMatchObject({
      status: 200,
      body: { accepted: 2, outOfOrder: 1 },
    });
    expect((await get('/bars?symbol=AAPL')).body).toEqual({
      symbol: 'AAPL',
      interval: '1m',
      bars: [
        {
          start: '2025-01-02T10:00:00.000Z',
          open: 10,
          high: 12,
          low: 10,
          close: 12,
          volume: 6,
          ticks: 3,
        },
      ],
    });
  });

  it('reports duplicates and what it rejects, by index', async () => {
    await post([
      { ...TICK, sequence: 1 },
      { ...TICK, symbol: 'TSLA' },
    ]);
    expect(
      (
        await post([
          { ...TICK, sequence: 1 },
          { ...TICK, timestamp: NOW + 1_001 },
          { ...TICK, symbol: 'MSFT' },
        ])
      ).body,
    ).toEqual({
      accepted: 0,
      outOfOrder: 0,
      duplicates: 1,
      rejected: [
        { index: 1, reason: 'from_future' },
        { index: 2, reason: 'symbol_capacity' },
      ],
    });
    expect((await get('/symbols')).body).toEqual({ symbols: ['AAPL', 'TSLA'] });
    expect((await get('/health')).body).toMatchObject({ status: 'degraded' });
  });

  it('takes nothing of a batch with a malformed tick', async () => {
    expect(await post([TICK, { ...TICK, price: 0 }])).toMatchObject({
      status: 400,
      body: { details: [{ field: '1.price' }] },
    });
    expect((await get('/symbols')).body).toEqual({ symbols: [] });
  });

  it.each([[[]], [[TICK, TICK, TICK, TICK]], [{ ...TICK, timestamp: '2025-01-02' }], [{}]])(
    'refuses %j',
    async (body) => {
      expect((await post(body)).status).toBe(400);
    },
  );
});

describe('GET /bars', () => {
  it('selects by range, in either form of time', async () => {
    await post([TICK, { ...TICK, timestamp: '2025-01-02T10:10:00Z' }]);
    const from = Date.parse('2025-01-02T10:05:00Z');
    const count = async (query: string) =>
      ((await get(`/bars?symbol=AAPL&${query}`)).body as { bars: unknown[] }).bars.length;
    expect(await count(`from=${from}`)).toBe(1);
    expect(await count('from=2025-01-02T10:00:00Z&to=2025-01-02T10:10:00Z')).toBe(1);
    expect(await count('interval=1h')).toBe(1);
    expect(await count('limit=1')).toBe(1);
  });

  it('has none for an unknown symbol', async () => {
    expect(await get('/bars?symbol=NONE')).toMatchObject({ status: 200, body: { bars: [] } });
  });

  it.each(['', '?symbol=AAPL&interval=2m', '?symbol=AAPL&limit=0', '?symbol=AAPL&from=yesterday'])(
    'refuses "%s"',
    async (query) => {
      expect((await get(`/bars${query}`)).status).toBe(400);
    },
  );
});
