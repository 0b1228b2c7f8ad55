import { backoffMs, type BackoffOptions } from './backoff';
import type { Delivery } from './delivery';
import type { SendWebhook } from './webhook-sender';

export interface DeliveryQueueOptions {
  send: SendWebhook;
  maxAttempts: number;
  concurrency: number;
  /** Deliveries that may be unfinished at a time, whether waiting, in flight or backing off. */
  capacity: number;
  backoff: BackoffOptions;
  /** Must resolve early when the signal aborts. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  onFinished: (delivery: Delivery) => void;
}

/**
 * Delivers with retries, a bounded number at a time. A delivery that backs off gives its place to
 * others, so one dead target does not hold up the rest.
 */
export class DeliveryQueue {
  readonly #options: DeliveryQueueOptions;
  readonly #waiting: Delivery[] = [];
  readonly #unfinished = new Set<Delivery>();
  readonly #abandon = new AbortController();
  #inFlight = 0;
  #idle: (() => void)[] = [];

  constructor(options: DeliveryQueueOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#unfinished.size;
  }

  /** All or nothing: false when there is no room for every one of the deliveries. */
  offer(deliveries: readonly Delivery[]): boolean {
    if (this.size + deliveries.length > this.#options.capacity) {
      return false;
    }
    for (const delivery of deliveries) {
      this.#unfinished.add(delivery);
      this.#waiting.push(delivery);
    }
    this.#startWaiting();
    return true;
  }

  /** Resolves when all is delivered; after the time limit the rest is given up as dead. */
  async drain(timeoutMs: number): Promise<void> {
    if (this.size === 0) {
      return;
    }
    const idle = new Promise<void>((resolve) => this.#idle.push(resolve));
    const timer = setTimeout(() => {
      this.#abandon.abort();
      for (const delivery of this.#waiting.splice(0)) {
        this.#finish(delivery, 'dead', 'given up at shutdown');
      }
    }, timeoutMs);
    await idle;
    clearTimeout(timer);
  }

  #startWaiting(): void {
    while (this.#inFlight < this.#options.concurrency) {
      const delivery = this.#waiting.shift();
      if (delivery === undefined) {
        return;
      }
      this.#inFlight += 1;
      void this.#attempt(delivery);
    }
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { send, maxAttempts } = this.#options;
    const { signal } = this.#abandon;
    delivery.attempts += 1;
    const result = await send(delivery.webhook, delivery.message, delivery.attempts, signal);
    this.#inFlight -= 1;

    if (result.outcome === 'delivered') {
      this.#finish(delivery, 'delivered');
    } else if (result.outcome === 'refused' || delivery.attempts >= maxAttempts) {
      this.#finish(delivery, 'dead', result.reason);
    } else if (signal.aborted) {
      this.#finish(delivery, 'dead', 'given up at shutdown');
    } else {
      delivery.lastError = result.reason;
      void this.#retryLater(delivery);
    }
    this.#startWaiting();
  }

  async #retryLater(delivery: Delivery): Promise<void> {
    const { sleep, backoff } = this.#options;
    await sleep(backoffMs(delivery.attempts, backoff), this.#abandon.signal);
    if (this.#abandon.signal.aborted) {
      this.#finish(delivery, 'dead', 'given up at shutdown');
      return;
    }
    this.#waiting.push(delivery);
    this.#startWaiting();
  }

  #finish(delivery: Delivery, status: 'delivered' | 'dead', reason?: string): void {
    delivery.status = status;
    if (reason === undefined) {
      delete delivery.lastError;
    } else {
      delivery.lastError = reason;
    }
    this.#unfinished.delete(delivery);
    this.#options.onFinished(delivery);
    if (this.size === 0) {
      for (const resolve of this.#idle.splice(0)) {
        resolve();
      }
    }
  }
}
