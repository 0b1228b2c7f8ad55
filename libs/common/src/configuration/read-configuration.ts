import type { z } from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ConfigurationProblem {
  variable: string;
  problem: string;
}

export type ConfigurationResult<Values> =
  { ok: true; values: Values } | { ok: false; problems: ConfigurationProblem[] };

/** Reads only the variables the schema names, and reports all that is wrong with them at once. */
export function readConfiguration<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  environment: Environment,
): ConfigurationResult<z.output<z.ZodObject<Shape>>> {
  const named = Object.fromEntries(
    Object.keys(schema.shape).map((name) => [name, environment[name]]),
  );
  const result = schema.safeParse(named);
  if (result.success) {
    return { ok: true, values: result.data };
  }
  return {
    ok: false,
    problems: result.error.issues.map((issue) => ({
      variable: issue.path.join('.'),
      problem: issue.message,
    })),
  };
}
