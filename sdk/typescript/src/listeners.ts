/** Who wants to hear of something. */
export class Listeners<T> {
  readonly #listeners = new Set<(value: T) => void>()

  /** Adds one; answers how to take it away again. */
  add(listener: (value: T) => void): () => void {
    // Its own function, so that one that is added twice is taken away once.
    const own = (value: T) => listener(value)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  tell(value: T): void {
    for (const listener of [...this.#listeners]) listener(value)
  }
}
