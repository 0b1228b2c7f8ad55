import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { freePort, startHttpServer, type TestServer } from '@jts/common/testing';
import { afterEach, expect, it } from 'vitest';

const PROBE = fileURLToPath(new URL('healthcheck.mjs', import.meta.url));

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

function probe(args: string[], env: Record<string, string> = {}) {
  return new Promise<{ code: number | string; stderr: string }>((resolve) => {
    execFile(process.execPath, [PROBE, ...args], { env }, (error, _stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stderr });
    });
  });
}

async function answering(status: number | undefined): Promise<string> {
  server = await startHttpServer((_request, response) => {
    if (status !== undefined) {
      response.writeHead(status, { location: '/elsewhere' }).end();
    }
  });
  return `${server.url}/health`;
}

it.each([200, 204])('exits 0 on %i', async (status) => {
  expect(await probe([await answering(status)])).toEqual({ code: 0, stderr: '' });
});

it.each([302, 404, 503])('exits 1 on %i, with the reason in one line', async (status) => {
  const { code, stderr } = await probe([await answering(status)]);
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`^unhealthy: 127.0.0.1:\\d+/health answered ${status}\\n$`));
});

it('exits 1 when nobody listens', async () => {
  const { code, stderr } = await probe([`http://127.0.0.1:${await freePort()}/health`]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^unhealthy: .* cannot be reached: ECONNREFUSED\n$/);
});

it('exits 1 when there is no answer in time, as argument or environment say', async () => {
  const url = await answering(undefined);
  const late = {
    code: 1,
    stderr: expect.stringMatching(/did not answer within 50 ms\n$/) as string,
  };
  expect(await probe([url, '50'])).toEqual(late);
  expect(await probe([url], { HEALTHCHECK_TIMEOUT_MS: '50' })).toEqual(late);
});

it.each([[[]], [['not a URL']], [['ftp://host/']], [['http://host/', 'soon']]])(
  'exits 2 on the arguments %j',
  async (args) => {
    const { code, stderr } = await probe(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^usage: /);
  },
);
