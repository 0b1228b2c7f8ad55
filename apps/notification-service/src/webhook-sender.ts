import { describeError } from '@jts/common';
import { signatureHeader } from './signature';
import type { Webhook } from './webhook';

export interface WebhookMessage {
  id: string;
  event: string;
  payload: unknown;
  createdAt: string;
}

export type SendOutcome =
  | { outcome: 'delivered' }
  /** Worth another attempt: the target was unreachable, overloaded or broken. */
  | { outcome: 'retry'; reason: string }
  /** The target understood and refused; the same request would be refused again. */
  | { outcome: 'refused'; reason: string };

export type SendWebhook = (
  webhook: Webhook,
  message: WebhookMessage,
  attempt: number,
  signal: AbortSignal,
) => Promise<SendOutcome>;

export interface WebhookSenderOptions {
  timeoutMs: number;
  secret: string | undefined;
  now: () => Date;
}

const RETRIED_STATUSES = new Set([408, 425, 429]);

export function webhookSender({ timeoutMs, secret, now }: WebhookSenderOptions): SendWebhook {
  return async (webhook, message, attempt, signal) => {
    const body = JSON.stringify(message);
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(webhook.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-jts-event': message.event,
          'x-jts-notification-id': message.id,
          'x-jts-attempt': String(attempt),
          ...(secret === undefined
            ? {}
            : { 'x-jts-signature': signatureHeader(secret, body, now()) }),
        },
        body,
        // Following would send the payload and its signature to a place nobody configured.
        redirect: 'manual',
        signal: AbortSignal.any([timeout, signal]),
      });
      await response.body?.cancel();
      return judge(response.status);
    } catch (error) {
      const reason = timeout.aborted ? `no answer within ${timeoutMs} ms` : describeError(error);
      return { outcome: 'retry', reason };
    }
  };
}

function judge(status: number): SendOutcome {
  if (status >= 200 && status <= 299) {
    return { outcome: 'delivered' };
  }
  const reason = `answered ${status}`;
  return status >= 500 || RETRIED_STATUSES.has(status)
    ? { outcome: 'retry', reason }
    : { outcome: 'refused', reason };
}
