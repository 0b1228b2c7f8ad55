import { isDeepStrictEqual } from 'node:util';
import { HttpError, validate, type Service } from '@jts/common';
import type { RiskLimits } from './limits';
import { PositionBook } from './position-book';
import { proposedOrderSchema } from './proposed-order';
import { findViolations } from './risk-check';

export function configureRiskManagement({ app }: Pick<Service, 'app'>, limits: RiskLimits): void {
  const book = new PositionBook();

  app.post('/checks', (request) => {
    const order = validate(proposedOrderSchema, request.body);
    const reserved = book.reservation(order.orderId);
    if (reserved !== undefined) {
      if (!isDeepStrictEqual(reserved, order)) {
        throw new HttpError(
          409,
          'order_id_conflict',
          `order ${order.orderId} is already reserved with other terms; use a new order id`,
        );
      }
      return { approved: true, violations: [] };
    }
    const violations = findViolations(order, limits, book);
    if (violations.length === 0) {
      book.reserve(order);
    }
    return { approved: violations.length === 0, violations };
  });

  app.delete<{ Params: { orderId: string } }>('/reservations/:orderId', (request) => ({
    released: book.release(request.params.orderId),
  }));

  app.get('/positions', () => ({ positions: book.positions() }));

  app.get('/limits', () => ({
    maxOrderQuantity: limits.maxOrderQuantity,
    maxNotional: limits.maxNotional,
    positionLimit: limits.positionLimit,
    positionLimits: Object.fromEntries(limits.positionLimits),
    blockedSymbols: [...limits.blockedSymbols],
    maxReservations: limits.maxReservations,
  }));
}
