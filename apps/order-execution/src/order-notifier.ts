import type { PeerClient, Service } from '@jts/common';
import type { Order } from './order';

/** Tells the notification service about accepted orders. Best effort: never delays an order. */
export class OrderNotifier {
  readonly #peer: PeerClient;
  readonly #logger: Service['logger'];
  readonly #pending = new Set<Promise<void>>();

  constructor(peer: PeerClient, logger: Service['logger']) {
    this.#peer = peer;
    this.#logger = logger;
  }

  orderAccepted(order: Order, requestId: string): void {
    const sending = this.#send(order, requestId).finally(() => {
      this.#pending.delete(sending);
    });
    this.#pending.add(sending);
  }

  /** Resolves when everything under way was sent or has failed. */
  async settle(): Promise<void> {
    await Promise.all(this.#pending);
  }

  async #send(order: Order, requestId: string): Promise<void> {
    const { id, symbol, side, type, quantity, price, acceptedAt } = order;
    try {
      const { status } = await this.#peer.request('/notifications', {
        method: 'POST',
        body: {
          event: 'order.accepted',
          payload: { id, symbol, side, type, quantity, price, acceptedAt },
        },
        requestId,
      });
      if (status !== 202) {
        this.#logger.warn({ orderId: id, status, requestId }, 'notification was refused');
      }
    } catch (error) {
      this.#logger.warn({ orderId: id, err: error, requestId }, 'notification could not be sent');
    }
  }
}
