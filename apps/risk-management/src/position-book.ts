import type { ProposedOrder } from './proposed-order';

/** Net positions as the sum of all reservations; one reservation per order id. */
export class PositionBook {
  readonly #reservations = new Map<string, ProposedOrder>();
  readonly #positions = new Map<string, number>();

  get size(): number {
    return this.#reservations.size;
  }

  reservation(orderId: string): ProposedOrder | undefined {
    return this.#reservations.get(orderId);
  }

  position(symbol: string): number {
    return this.#positions.get(symbol) ?? 0;
  }

  positions(): { symbol: string; quantity: number }[] {
    return [...this.#positions].map(([symbol, quantity]) => ({ symbol, quantity }));
  }

  reserve(order: ProposedOrder): void {
    if (!this.#reservations.has(order.orderId)) {
      this.#reservations.set(order.orderId, order);
      this.#move(order.symbol, signedQuantity(order));
    }
  }

  /** True when there was something to release. */
  release(orderId: string): boolean {
    const order = this.#reservations.get(orderId);
    if (order === undefined) {
      return false;
    }
    this.#reservations.delete(orderId);
    this.#move(order.symbol, -signedQuantity(order));
    return true;
  }

  #move(symbol: string, change: number): void {
    const quantity = this.position(symbol) + change;
    if (quantity === 0) {
      this.#positions.delete(symbol);
    } else {
      this.#positions.set(symbol, quantity);
    }
  }
}

export function signedQuantity(order: Pick<ProposedOrder, 'side' | 'quantity'>): number {
  return order.side === 'buy' ? order.quantity : -order.quantity;
}
