import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { HttpError, validate, type Service } from '@jts/common';
import { z } from 'zod';
import { BoundedMap } from './bounded-map';
import { viewOf, type Delivery } from './delivery';
import { DeliveryQueue } from './delivery-queue';
import type { Webhook } from './webhook';
import { webhookSender } from './webhook-sender';

export interface NotificationOptions {
  webhooks: readonly Webhook[];
  secret: string | undefined;
  maxAttempts: number;
  timeoutMs: number;
  backoffMs: number;
  maxBackoffMs: number;
  concurrency: number;
  queueCapacity: number;
  historyCapacity: number;
  drainTimeoutMs: number;
}

const notificationSchema = z.strictObject({
  event: z.string().regex(/^[a-z0-9._-]{1,64}$/i),
  payload: z.record(z.string(), z.unknown()),
  /** Names of configured webhooks, all by default. Not URLs: callers must not choose hosts. */
  targets: z.array(z.string()).min(1).optional(),
});

export function configureNotifications(service: Service, options: NotificationOptions): void {
  const { app, health, logger, shutdown } = service;
  const history = new BoundedMap<string, Delivery[]>(options.historyCapacity);
  const deadLetters = new BoundedMap<string, Delivery>(options.historyCapacity);
  const queue = new DeliveryQueue({
    send: webhookSender({
      timeoutMs: options.timeoutMs,
      secret: options.secret,
      now: () => new Date(),
    }),
    maxAttempts: options.maxAttempts,
    concurrency: options.concurrency,
    capacity: options.queueCapacity,
    backoff: {
      initialMs: options.backoffMs,
      maximumMs: options.maxBackoffMs,
      random: Math.random,
    },
    sleep: (ms, signal) => wait(ms, undefined, { signal }).catch(() => undefined),
    onFinished: (delivery) => {
      if (delivery.status === 'dead') {
        deadLetters.set(`${delivery.message.id}/${delivery.webhook.name}`, delivery);
        logger.error(
          { notificationId: delivery.message.id, ...viewOf(delivery) },
          'notification could not be delivered',
        );
      }
    },
  });

  app.post('/notifications', (request, reply) => {
    const { event, payload, targets } = validate(notificationSchema, request.body);
    const webhooks = select(options.webhooks, targets);
    const message = { id: randomUUID(), event, payload, createdAt: new Date().toISOString() };
    const deliveries = webhooks.map((webhook): Delivery => ({
      message,
      webhook,
      status: 'pending',
      attempts: 0,
    }));
    if (!queue.offer(deliveries)) {
      void reply.header('retry-after', '1');
      throw new HttpError(503, 'queue_full', 'too many deliveries are pending; try again later');
    }
    history.set(message.id, deliveries);
    return reply.code(202).send({ id: message.id, targets: webhooks.map(({ name }) => name) });
  });

  app.get<{ Params: { id: string } }>('/notifications/:id', (request) => {
    const { id } = request.params;
    const deliveries = history.get(id);
    if (deliveries === undefined) {
      throw new HttpError(404, 'notification_not_found', `there is no recent notification ${id}`);
    }
    return { id, status: overallStatus(deliveries), deliveries: deliveries.map(viewOf) };
  });

  app.get('/dead-letters', () => ({
    deadLetters: deadLetters.values().map((delivery) => ({
      ...viewOf(delivery),
      message: delivery.message,
    })),
  }));

  app.get('/targets', () => ({ targets: options.webhooks.map(({ name }) => name) }));

  health.register('delivery-queue', () => queue.size < options.queueCapacity, { critical: false });
  shutdown.addHook('delivery queue', () => queue.drain(options.drainTimeoutMs));
}

function select(webhooks: readonly Webhook[], targets: string[] | undefined): readonly Webhook[] {
  if (targets === undefined) {
    return webhooks;
  }
  const unknown = targets.filter((target) => !webhooks.some(({ name }) => name === target));
  if (unknown.length > 0) {
    throw new HttpError(
      400,
      'unknown_target',
      `no webhook is configured as ${unknown.join(', ')}; GET /targets lists the names`,
    );
  }
  return webhooks.filter(({ name }) => targets.includes(name));
}

function overallStatus(deliveries: Delivery[]): Delivery['status'] {
  if (deliveries.some(({ status }) => status === 'pending')) {
    return 'pending';
  }
  return deliveries.some(({ status }) => status === 'dead') ? 'dead' : 'delivered';
}
