import type { z } from 'zod';
import { HttpError } from './http-error';

/** Parses a body or query by its schema; a 400 names every field that does not fit. */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => ({
      field: issue.path.join('.') || '(request)',
      problem: issue.message,
    }));
    const summary = problems.map(({ field, problem }) => `${field}: ${problem}`).join('; ');
    throw new HttpError(400, 'invalid_request', summary, problems);
  }
  return result.data;
}
