import { HttpError } from '@jts/common';
import { fingerprintOf, orderIdFrom, type Order, type OrderRequest } from './order';
import type { OrderStore } from './order-store';
import type { CheckRisk } from './risk-client';

export interface PlaceOrderDependencies {
  store: OrderStore;
  checkRisk: CheckRisk;
  orderAccepted: (order: Order, requestId: string) => void;
  now: () => Date;
}

export interface PlaceOrderInput {
  idempotencyKey: string;
  request: OrderRequest;
  requestId: string;
}

export interface PlacedOrder {
  order: Order;
  created: boolean;
}

export type PlaceOrder = (input: PlaceOrderInput) => Promise<PlacedOrder>;

/** Accepts an order once per idempotency key, after risk management has approved it. */
export function placeOrder(dependencies: PlaceOrderDependencies): PlaceOrder {
  const { store, checkRisk, orderAccepted, now } = dependencies;

  return async ({ idempotencyKey, request, requestId }) => {
    const fingerprint = fingerprintOf(request);
    const existing = await store.findByKey(idempotencyKey);
    if (existing !== undefined) {
      return replay(existing, fingerprint);
    }

    const id = orderIdFrom(idempotencyKey);
    const decision = await checkRisk(id, request, requestId);
    switch (decision.outcome) {
      case 'approved':
        break;
      case 'rejected':
        throw new HttpError(422, 'risk_rejected', 'the order breaks risk limits', {
          violations: decision.violations,
        });
      case 'conflict':
        // Another request with the same key and other terms got to risk management first.
        throw keyConflict();
      case 'unavailable':
        throw new HttpError(
          503,
          'risk_unavailable',
          `the order was not accepted, as its risk could not be checked: ${decision.reason}`,
        );
    }

    // If this fails the reservation stays: whether the order was stored is unknown, and a retry
    // with the same key reuses the reservation.
    const { order, inserted } = await store.insert({
      id,
      idempotencyKey,
      fingerprint,
      symbol: request.symbol,
      side: request.side,
      type: request.type,
      quantity: request.quantity,
      price: request.price,
      status: 'accepted',
      acceptedAt: now().toISOString(),
    });
    if (!inserted) {
      return replay(order, fingerprint);
    }
    orderAccepted(order, requestId);
    return { order, created: true };
  };
}

function replay(order: Order, fingerprint: string): PlacedOrder {
  if (order.fingerprint !== fingerprint) {
    throw keyConflict();
  }
  return { order, created: false };
}

function keyConflict(): HttpError {
  return new HttpError(
    409,
    'idempotency_conflict',
    'this idempotency key was used for an order with other terms; use a new key',
  );
}
