import { bundle, freePort, requestJson, startProcess, type Bundle } from '@jts/common/testing';
import { afterEach, describe, expect, it } from 'vitest';

let built: Bundle | undefined;
afterEach(async () => {
  await built?.remove();
  built = undefined;
});

// What the container images count on: one file, no node_modules, these health paths.
describe.each([
  { name: 'api-gateway', healthPath: '/health' },
  { name: 'strategy-engine', healthPath: '/health/strategy' },
  { name: 'order-execution', healthPath: '/health/orders' },
  { name: 'risk-management', healthPath: '/health' },
  { name: 'data-ingestion', healthPath: '/health' },
  { name: 'notification-service', healthPath: '/health' },
])('$name', ({ name, healthPath }) => {
  it('starts from its bundle alone, answers health by name and exits 0 on SIGTERM', async () => {
    built = await bundle(`apps/${name}/src/main.ts`);
    const port = await freePort();
    const process = startProcess(built.file, {
      PORT: String(port),
      // Peers are looked for where nobody listens, and there is no Python to run.
      ...Object.fromEntries(
        [
          'STRATEGY_ENGINE',
          'ORDER_EXECUTION',
          'RISK_MANAGEMENT',
          'DATA_INGESTION',
          'NOTIFICATION_SERVICE',
        ].map((peer) => [`${peer}_URL`, 'http://127.0.0.1:1']),
      ),
      PYTHON_BIN: '/nonexistent/python3',
    });
    await process.logged(/^Server listening/);

    const url = `http://127.0.0.1:${port}`;
    expect(await requestJson(url)).toMatchObject({ status: 200, body: { service: name } });
    for (const path of new Set(['/health', healthPath])) {
      expect(await requestJson(`${url}${path}`)).toMatchObject({
        status: name === 'strategy-engine' ? 503 : 200,
        body: { service: name },
      });
    }

    process.signal('SIGTERM');
    expect(await process.exited).toBe(0);
    expect(process.stderr()).toBe('');
  });
});
