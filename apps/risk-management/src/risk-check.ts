import type { RiskLimits } from './limits';
import { signedQuantity, type PositionBook } from './position-book';
import type { ProposedOrder } from './proposed-order';

export interface Violation {
  code:
    'symbol_blocked' | 'order_quantity' | 'notional' | 'position_limit' | 'reservation_capacity';
  message: string;
}

/** All limits the order would break; none means it may be approved. */
export function findViolations(
  order: ProposedOrder,
  limits: RiskLimits,
  book: PositionBook,
): Violation[] {
  const violations: Violation[] = [];
  if (limits.blockedSymbols.has(order.symbol)) {
    violations.push({ code: 'symbol_blocked', message: `${order.symbol} is blocked` });
  }
  if (order.quantity > limits.maxOrderQuantity) {
    violations.push({
      code: 'order_quantity',
      message: `quantity ${order.quantity} exceeds the limit of ${limits.maxOrderQuantity}`,
    });
  }
  const notional = order.quantity * order.price;
  if (notional > limits.maxNotional) {
    violations.push({
      code: 'notional',
      message: `notional ${notional} exceeds the limit of ${limits.maxNotional}`,
    });
  }
  const current = book.position(order.symbol);
  const resulting = current + signedQuantity(order);
  const limit = limits.positionLimits.get(order.symbol) ?? limits.positionLimit;
  // An order that brings the position closer to zero is allowed even above the limit.
  if (Math.abs(resulting) > limit && Math.abs(resulting) > Math.abs(current)) {
    violations.push({
      code: 'position_limit',
      message: `position in ${order.symbol} would be ${resulting}, the limit is ${limit}`,
    });
  }
  if (book.size >= limits.maxReservations) {
    violations.push({
      code: 'reservation_capacity',
      message: `${book.size} orders are reserved; release some or raise RISK_MAX_RESERVATIONS`,
    });
  }
  return violations;
}
