const PASSED_ON = /^(PATH|HOME|LANG|LC_\w+|TZ|TMPDIR|LD_LIBRARY_PATH|VIRTUAL_ENV|PYTHON\w+)$/;

/** What the Python process gets to see: enough to start, and none of the service's secrets. */
export function workerEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const passedOn = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && PASSED_ON.test(entry[0]),
  );
  return {
    ...Object.fromEntries(passedOn),
    // The root file system of the container may be read-only.
    PYTHONDONTWRITEBYTECODE: '1',
    // Rolling means gain nothing from a thread pool, which costs memory and startup time.
    OPENBLAS_NUM_THREADS: '1',
    OMP_NUM_THREADS: '1',
  };
}
