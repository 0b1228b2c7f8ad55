import { setTimeout as sleep } from 'node:timers/promises';
import { integer } from '../configuration/variables';
import { runService } from '../service/run-service';

/** A service for tests of the process life cycle; run as a process of its own. */
void runService({
  name: 'fixture',
  defaultPort: 3999,
  healthPath: '/health/fixture',
  variables: {
    HOOK_MS: integer({ fallback: 0, minimum: 0, maximum: 60_000 }),
    REQUIRED_NUMBER: integer({ fallback: 1, minimum: 1, maximum: 10 }),
  },
  configure: ({ app, shutdown, logger }, configuration) => {
    app.get<{ Params: { ms: string } }>('/slow/:ms', async (request) => {
      await sleep(Number(request.params.ms));
      return { answered: true };
    });
    app.get('/secret', (request) => {
      request.log.info({ token: 'abc', nested: { password: 'def' } }, 'secrets');
      return {};
    });
    shutdown.addHook('fixture', async () => {
      await sleep(configuration.HOOK_MS);
      logger.info('hook ran');
    });
  },
});
