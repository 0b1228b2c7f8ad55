import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff';
import type { Delivery } from './delivery';
import { DeliveryQueue } from './delivery-queue';

const backoff = { initialMs: 100, maximumMs: 1_000, random: () => 0 };

function delivery(name: string): Delivery {
  return {
    message: { id: name, event: 'e', payload: {}, createdAt: '' },
    webhook: { name, url: '' },
    status: 'pending',
    attempts: 0,
  };
}

describe('backoffMs', () => {
  it('doubles up to its maximum', () => {
    expect([1, 2, 3, 4, 5, 60].map((attempt) => backoffMs(attempt, backoff))).toEqual([
      50, 100, 200, 400, 500, 500,
    ]);
  });

  it('adds up to as much again at random', () => {
    expect(backoffMs(1, { ...backoff, random: () => 0.5 })).toBe(75);
  });
});

describe('DeliveryQueue', () => {
  it('waits between attempts, and lets others go first meanwhile', async () => {
    const sent: string[] = [];
    const slept: number[] = [];
    let wake: (() => void) | undefined;
    const queue = new DeliveryQueue({
      send: ({ name }, _message, attempt) => {
        sent.push(`${name} ${attempt}`);
        return Promise.resolve(
          name === 'flaky' && attempt === 1
            ? { outcome: 'retry', reason: 'answered 500' }
            : { outcome: 'delivered' },
        );
      },
      sleep: (ms) => {
        slept.push(ms);
        return new Promise((resolve) => {
          wake = resolve;
        });
      },
      maxAttempts: 3,
      concurrency: 1,
      capacity: 10,
      backoff,
      onFinished: ({ webhook }) => {
        if (webhook.name === 'steady') {
          wake?.();
        }
      },
    });
    expect(queue.offer([delivery('flaky'), delivery('steady')])).toBe(true);
    await queue.drain(10_000);
    expect(sent).toEqual(['flaky 1', 'steady 1', 'flaky 2']);
    expect(slept).toEqual([50]);
    expect(queue.size).toBe(0);
  });

  it('takes all deliveries of an offer or none', () => {
    const queue = new DeliveryQueue({
      send: () => new Promise(() => undefined),
      sleep: () => Promise.resolve(),
      maxAttempts: 1,
      concurrency: 1,
      capacity: 2,
      backoff,
      onFinished: () => undefined,
    });
    expect(queue.offer([delivery('a')])).toBe(true);
    expect(queue.offer([delivery('b'), delivery('c')])).toBe(false);
    expect(queue.size).toBe(1);
  });
});
