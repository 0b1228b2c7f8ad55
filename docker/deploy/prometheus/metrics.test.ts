import { readFile } from 'node:fs/promises';
import { startService } from '@jts/common/testing';
import { expect, it } from 'vitest';
import { openOrderStore } from '../../../apps/order-execution/src/open-order-store';

// An alert about a metric that nobody has never fires.
it('has every metric of a service that an alert is about', async () => {
  const alerts = await readFile(new URL('alerts.yaml', import.meta.url), 'utf8');
  const named = new Set(alerts.match(/\b(?:database|http|nodejs|process)_[a-z0-9_]+/g));
  expect(named.size).toBeGreaterThan(3);
  const started = await startService((service) => {
    openOrderStore(service, {
      databaseUrl: 'postgres://nobody@127.0.0.1:1/orders',
      poolSize: 1,
      connectTimeoutMs: 100,
      statementTimeoutMs: 100,
    });
  });
  try {
    await fetch(started.url);
    const answer = await fetch(`${started.url}/metrics`);
    const metrics = new Set((await answer.text()).match(/^[a-z0-9_]+/gm));
    // A recorded rule has colons in its name, and what stands behind one is no metric.
    const wanted = [...named].filter((name) => !alerts.includes(`:${name}`));
    expect(wanted.filter((name) => !metrics.has(name))).toEqual([]);
  } finally {
    await started.close();
  }
});
