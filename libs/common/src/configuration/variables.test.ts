import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readConfiguration } from './read-configuration';
import { decimal, flags, httpUrl, integer, list, oneOf, optional, port, text } from './variables';

function read(schema: z.ZodType, value: string | undefined) {
  const result = readConfiguration(z.object({ NAME: schema }), { NAME: value, OTHER: 'x' });
  return result.ok ? result.values.NAME : result.problems;
}

const problem = (text: string) => [{ variable: 'NAME', problem: text }];

describe('variables', () => {
  it('take their fallback when not set', () => {
    expect(read(port(3001), undefined)).toBe(3001);
    expect(read(text('here'), undefined)).toBe('here');
    expect(read(httpUrl('http://peer:1'), undefined)).toBe('http://peer:1');
    expect(read(oneOf(['a', 'b'], 'b'), undefined)).toBe('b');
    expect(
      read(
        list('words', (item) => item),
        undefined,
      ),
    ).toEqual([]);
    expect(
      read(
        optional('a text', () => true),
        undefined,
      ),
    ).toBeUndefined();
  });

  it('are feature flags, each of them known', () => {
    expect(read(flags(['a', 'b']), undefined)).toEqual(new Set());
    expect(read(flags(['a', 'b']), 'none')).toEqual(new Set());
    expect(read(flags(['a', 'b']), 'b, a')).toEqual(new Set(['a', 'b']));
    expect(read(flags(['a', 'b']), 'a,c')).toEqual(
      problem('is "a,c"; expected none, or a comma-separated list of a, b'),
    );
    expect(read(flags([]), 'a')).toEqual(problem('is "a"; expected none'));
  });

  it('are required without a fallback', () => {
    expect(read(integer({ minimum: 1, maximum: 2 }), undefined)).toEqual(
      problem('is not set; expected an integer from 1 to 2'),
    );
  });

  it.each([port(1), text('a'), httpUrl('http://a'), optional('a text', () => true)])(
    'are never empty (%#)',
    (schema) => {
      for (const value of ['', '  ']) {
        expect(read(schema, value)).toEqual(
          problem(expect.stringMatching(/^is empty; expected/) as string),
        );
      }
    },
  );

  it.each(['0', '65536', '-1', '3001.5', '0x10', '1e3', 'three'])('a port is not %s', (value) => {
    expect(read(port(1), value)).toEqual(
      problem(`is "${value}"; expected an integer from 1 to 65535`),
    );
  });

  it('accept values that fit', () => {
    expect(read(port(1), ' 8080 ')).toBe(8080);
    expect(read(decimal({ minimum: 0, maximum: 10 }), '2.5')).toBe(2.5);
    expect(
      read(
        list('words', (item) => item),
        'a, b',
      ),
    ).toEqual(['a', 'b']);
    expect(read(httpUrl(), 'https://example.org/base')).toBe('https://example.org/base');
  });

  it('refuse URLs of other kinds', () => {
    expect(read(httpUrl(), 'ftp://example.org')).toEqual(
      problem('is not such a URL; expected a URL that starts with http:// or https://'),
    );
  });

  it('name the position of an item that does not fit', () => {
    expect(
      read(
        list('words', (item) => (item === 'bad' ? undefined : item)),
        'a,bad',
      ),
    ).toEqual(
      problem(
        'has an item that does not fit at position 2; expected a comma-separated list of words',
      ),
    );
    expect(
      read(
        list('words', (item) => item),
        'a,,b',
      ),
    ).toEqual(problem(expect.stringContaining('position 2') as string));
  });

  it('never echo what may be a secret', () => {
    const secret = 'hunter2';
    expect(
      JSON.stringify(
        read(
          optional('a URL', () => false),
          secret,
        ),
      ),
    ).not.toContain(secret);
  });
});
