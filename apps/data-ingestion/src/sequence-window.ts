/** Remembers the most recent sequence numbers, and forgets the oldest beyond its capacity. */
export class SequenceWindow {
  readonly #capacity: number;
  // A Set iterates in insertion order, so its first element is the oldest.
  readonly #seen = new Set<number>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  has(sequence: number): boolean {
    return this.#seen.has(sequence);
  }

  add(sequence: number): void {
    this.#seen.add(sequence);
    if (this.#seen.size > this.#capacity) {
      const [oldest] = this.#seen;
      if (oldest !== undefined) {
        this.#seen.delete(oldest);
      }
    }
  }
}
