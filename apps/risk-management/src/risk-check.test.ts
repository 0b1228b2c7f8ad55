import { expect, it } from 'vitest';
import { PositionBook } from './position-book';
import { findViolations } from './risk-check';

it('lets an order reduce a position that is above its limit', () => {
  const limits = {
    maxOrderQuantity: 1_000,
    maxNotional: 1_000_000,
    positionLimit: 10,
    positionLimits: new Map<string, number>(),
    blockedSymbols: new Set<string>(),
    maxReservations: 10,
  };
  const order = { orderId: 'a', symbol: 'AAPL', side: 'buy', quantity: 50, price: 1 } as const;
  const book = new PositionBook();
  book.reserve(order);

  const sell = { ...order, orderId: 'b', side: 'sell' } as const;
  expect(findViolations({ ...sell, quantity: 20 }, limits, book)).toEqual([]);
  expect(findViolations({ ...sell, quantity: 150 }, limits, book)).toMatchObject([
    { code: 'position_limit' },
  ]);
});
