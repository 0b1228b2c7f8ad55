import { readConfiguration } from '@jts/common';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { notificationVariables } from './configuration';

const webhooks = (WEBHOOK_URLS: string) => {
  const result = readConfiguration(z.object(notificationVariables), { WEBHOOK_URLS });
  return result.ok ? result.values.WEBHOOK_URLS : result.problems;
};

it('reads webhooks with and without names', () => {
  expect(webhooks('https://a.example/x?y=z, desk=http://b.example')).toEqual([
    { name: 'webhook-1', url: 'https://a.example/x?y=z' },
    { name: 'desk', url: 'http://b.example' },
  ]);
});

it.each(['ftp://a.example', 'desk=', 'a.example'])('refuses %s', (item) => {
  expect(webhooks(`https://ok.example,${item}`)).toMatchObject([
    { variable: 'WEBHOOK_URLS', problem: expect.stringContaining('position 2') as string },
  ]);
});

it('refuses two webhooks of one name', () => {
  expect(webhooks('a=https://x.example,a=https://y.example')).toMatchObject([
    { problem: expect.stringContaining('distinct names') as string },
  ]);
});
