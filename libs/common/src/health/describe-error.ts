const MAX_LENGTH = 200;

/**
 * One line that says what went wrong, fit for a health response that anyone can read: no stack,
 * no credentials, and the cause rather than "fetch failed".
 */
export function describeError(error: unknown): string {
  const line = withoutCredentials(rootMessage(error)).split('\n', 1)[0] ?? '';
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH - 1)}…` : line;
}

function rootMessage(error: unknown): string {
  if (!(error instanceof Error)) {
    return typeof error === 'string' ? error : 'unknown error';
  }
  if (error instanceof AggregateError && error.message === '' && error.errors.length > 0) {
    return rootMessage(error.errors[0]);
  }
  if (error.message === 'fetch failed' && error.cause !== undefined) {
    return rootMessage(error.cause);
  }
  return error.message === '' ? error.name : error.message;
}

function withoutCredentials(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1***@')
    .replace(/\b(password|passwd|token|secret|api[_-]?key)(["']?\s*[=:]\s*)\S+/gi, '$1$2***')
    .replace(/\b(bearer|basic)\s+\S+/gi, '$1 ***');
}
