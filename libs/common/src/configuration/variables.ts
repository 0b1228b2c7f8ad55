import { z } from 'zod';

/**
 * Schemas for environment variables. A variable that is not set takes its fallback; one that is
 * set to an empty string is an error, because that is a typing mistake in a deployment file and
 * must not turn into "port 0" or "no limit".
 */

type Parse<T> = (text: string) => T | Problem;

class Problem {
  constructor(readonly text: string) {}
}

function variable<T>(expected: string, fallback: T | undefined, parse: Parse<T>) {
  return z
    .string()
    .optional()
    .transform((text, context): T => {
      if (text === undefined && fallback !== undefined) {
        return fallback;
      }
      const outcome =
        text === undefined
          ? new Problem('is not set')
          : text.trim() === ''
            ? new Problem('is empty')
            : parse(text.trim());
      if (outcome instanceof Problem) {
        context.addIssue({ code: 'custom', message: `${outcome.text}; expected ${expected}` });
        return z.NEVER;
      }
      return outcome;
    });
}

function parseNumber(text: string, bounds: { minimum: number; maximum: number }): number | Problem {
  const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return value >= bounds.minimum && value <= bounds.maximum ? value : unexpected(text);
}

// Names what was found, but never echoes something long enough to be a pasted secret.
function unexpected(text: string): Problem {
  return new Problem(text.length <= 32 ? `is ${JSON.stringify(text)}` : 'has an unexpected value');
}

export interface NumberBounds {
  fallback?: number;
  minimum: number;
  maximum: number;
}

export function integer({ fallback, minimum, maximum }: NumberBounds) {
  return variable(`an integer from ${minimum} to ${maximum}`, fallback, (text) =>
    /^-?\d+$/.test(text) ? parseNumber(text, { minimum, maximum }) : unexpected(text),
  );
}

export function decimal({ fallback, minimum, maximum }: NumberBounds) {
  return variable(`a number from ${minimum} to ${maximum}`, fallback, (text) =>
    parseNumber(text, { minimum, maximum }),
  );
}

export function port(fallback: number) {
  return integer({ fallback, minimum: 1, maximum: 65_535 });
}

/** Milliseconds; the maximum is what setTimeout can hold. */
export function milliseconds(fallback: number, minimum = 1) {
  return integer({ fallback, minimum, maximum: 2_147_483_647 });
}

export function text(fallback: string) {
  return variable('a non-empty text', fallback, (value) => value);
}

export function oneOf<const T extends string>(values: readonly T[], fallback: NoInfer<T>) {
  return variable(
    `one of ${values.join(', ')}`,
    fallback,
    (value) => values.find((candidate) => candidate === value) ?? unexpected(value),
  );
}

export function httpUrl(fallback?: string) {
  return variable('a URL that starts with http:// or https://', fallback, (value) =>
    isHttpUrl(value) ? value : new Problem('is not such a URL'),
  );
}

/** `undefined` when not set. The value may be a secret and is never part of the problem. */
export function optional(expected: string, accepts: (value: string) => boolean) {
  return variable<string | null>(expected, null, (value) =>
    accepts(value) ? value : new Problem('is not acceptable'),
  ).transform((value) => value ?? undefined);
}

/**
 * Feature flags separated by commas, each one of `known`. `none` is no flag: an image says so, because
 * an empty variable is an error.
 */
export function flags<const T extends string>(known: readonly T[]) {
  const expected =
    known.length === 0 ? 'none' : `none, or a comma-separated list of ${known.join(', ')}`;
  return variable<ReadonlySet<T>>(expected, new Set(), (value) => {
    const names = value === 'none' ? [] : value.split(',').map((name) => name.trim());
    const found = known.filter((name) => names.includes(name));
    return new Set(names).size === found.length ? new Set(found) : unexpected(value);
  });
}

/** Items separated by commas; each goes through `parse`, which returns `undefined` to refuse it. */
export function list<T>(expected: string, parse: (item: string, index: number) => T | undefined) {
  return variable<T[]>(`a comma-separated list of ${expected}`, [], (value) => {
    const items: T[] = [];
    for (const [index, item] of value.split(',').entries()) {
      const parsed = item.trim() === '' ? undefined : parse(item.trim(), index);
      if (parsed === undefined) {
        return new Problem(`has an item that does not fit at position ${index + 1}`);
      }
      items.push(parsed);
    }
    return items;
  });
}

export function isHttpUrl(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}
