import type { Webhook } from './webhook';
import type { WebhookMessage } from './webhook-sender';

/** One message on its way to one webhook. */
export interface Delivery {
  message: WebhookMessage;
  webhook: Webhook;
  status: 'pending' | 'delivered' | 'dead';
  attempts: number;
  lastError?: string;
}

export interface DeliveryView {
  target: string;
  status: Delivery['status'];
  attempts: number;
  lastError?: string;
}

export function viewOf({ webhook, status, attempts, lastError }: Delivery): DeliveryView {
  return {
    target: webhook.name,
    status,
    attempts,
    ...(lastError === undefined ? {} : { lastError }),
  };
}
