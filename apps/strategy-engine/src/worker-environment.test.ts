import { expect, it } from 'vitest';
import { workerEnvironment } from './worker-environment';

it('passes on what Python needs to start, and no secrets', () => {
  expect(
    workerEnvironment({
      PATH: '/bin',
      PYTHONPATH: '/lib/python',
      LC_ALL: 'C',
      API_TOKEN: 'secret',
      HOME: undefined,
    }),
  ).toEqual({
    PATH: '/bin',
    PYTHONPATH: '/lib/python',
    LC_ALL: 'C',
    PYTHONDONTWRITEBYTECODE: '1',
    OPENBLAS_NUM_THREADS: '1',
    OMP_NUM_THREADS: '1',
  });
});
