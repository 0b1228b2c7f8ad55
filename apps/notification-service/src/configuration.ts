import { isHttpUrl, variables } from '@jts/common';
import type { Webhook } from './webhook';

export const notificationVariables = {
  WEBHOOK_URLS: variables
    .list('http(s) URLs, each optionally as name=url', parseWebhook)
    .refine(haveDistinctNames, 'names two webhooks alike; expected distinct names'),
  WEBHOOK_SECRET: variables.optional('a secret of at least 16 characters', (value) =>
    /^.{16,}$/.test(value),
  ),
  DELIVERY_MAX_ATTEMPTS: variables.integer({ fallback: 5, minimum: 1, maximum: 100 }),
  DELIVERY_TIMEOUT_MS: variables.milliseconds(5_000),
  DELIVERY_BACKOFF_MS: variables.milliseconds(500),
  DELIVERY_MAX_BACKOFF_MS: variables.milliseconds(30_000),
  DELIVERY_CONCURRENCY: variables.integer({ fallback: 8, minimum: 1, maximum: 1_000 }),
  QUEUE_CAPACITY: variables.integer({ fallback: 1_000, minimum: 1, maximum: 1_000_000 }),
  HISTORY_CAPACITY: variables.integer({ fallback: 1_000, minimum: 1, maximum: 1_000_000 }),
  DRAIN_TIMEOUT_MS: variables.milliseconds(5_000, 0),
};

function parseWebhook(item: string, index: number): Webhook | undefined {
  const [, name = `webhook-${index + 1}`, url = ''] = /^(?:([a-z0-9-]+)=)?(.+)$/i.exec(item) ?? [];
  return isHttpUrl(url) ? { name, url } : undefined;
}

function haveDistinctNames(webhooks: readonly Webhook[]): boolean {
  return new Set(webhooks.map(({ name }) => name)).size === webhooks.length;
}
