import { errorsIn, isPassing, NatterjackError, OverflowError, refusal } from './errors.js'
import { isFatal, type Link, type Operation } from './link.js'
import { sessionOver, type SessionKeeper } from './session.js'
import { sleep } from './waiting.js'

/** What a stream of results is to do. */
export interface Source<Item> {
  /** The operation, as it is to be sent now. */
  begin(): Promise<Operation>
  /** What a result's data bring; undefined where it is nothing for the reader. */
  take(data: unknown): Item | undefined
  /** Called with each item as it is handed to the reader. */
  hand?(item: Item): void
  /**
   * Whether what was not taken can be asked for again: then a full buffer ends the operation, which is begun anew once
   * the buffer was emptied, and so it is where the server ends it. Otherwise both end the stream.
   */
  readonly isResumable: boolean
}

/** How one operation ended. */
type End = 'cut' | 'complete' | 'full' | 'returned'

interface Reader<Item> {
  resolve(result: IteratorResult<Item, undefined>): void
  reject(error: unknown): void
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined }

const dataOf = (result: unknown): unknown => (result as { data?: unknown } | null)?.data ?? null

/** Why an operation failed; null where the socket was cut, whatever the platform says of it. */
const failureOf = (reason: unknown): NatterjackError | null => {
  if (reason instanceof NatterjackError) return reason
  if (Array.isArray(reason)) return refusal(errorsIn(reason))
  return isFatal(reason) ? new NatterjackError('QUERY_REFUSED', `${reason.code}: ${reason.reason}`) : null
}

/**
 * The results of a subscription as an async iterable, over as many sockets as it takes. It begins with the first
 * `next`.
 *
 * At most `limit` items wait for the reader. What more comes is not kept: see `Source.isResumable`.
 */
export class Stream<Item> implements AsyncIterableIterator<Item> {
  readonly #link: Link
  readonly #keeper: SessionKeeper
  readonly #source: Source<Item>
  readonly #limit: number
  readonly #items: Item[] = []
  readonly #readers: Reader<Item>[] = []
  readonly #over: () => void
  #hasBegun = false
  #isOver = false
  #failure: { error: unknown } | null = null
  #stop: (end: End) => void = () => {}
  #emptied: () => void = () => {}

  constructor(link: Link, keeper: SessionKeeper, source: Source<Item>, limit: number, over: () => void) {
    this.#link = link
    this.#keeper = keeper
    this.#source = source
    this.#limit = limit
    this.#over = over
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    if (!this.#hasBegun) {
      this.#hasBegun = true
      if (!this.#isOver) void this.#run()
    }
    const [item] = this.#items.splice(0, 1)
    if (item !== undefined) {
      this.#hand(item)
      return Promise.resolve({ done: false, value: item })
    }
    if (this.#failure) {
      const { error } = this.#failure
      this.#failure = null
      return Promise.reject(error)
    }
    if (this.#isOver) return Promise.resolve(DONE)
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }))
  }

  /** Ends it. What waits for the reader is dropped. */
  return(): Promise<IteratorResult<Item, undefined>> {
    this.#items.length = 0
    this.#failure = null
    this.#end()
    return Promise.resolve(DONE)
  }

  #hand(item: Item): void {
    this.#source.hand?.(item)
    if (this.#items.length === 0) this.#emptied()
  }

  #give(item: Item): void {
    const reader = this.#readers.shift()
    if (reader) {
      this.#hand(item)
      reader.resolve({ done: false, value: item })
      return
    }
    this.#items.push(item)
    if (this.#items.length >= this.#limit) this.#stop('full')
  }

  /** Ends it, with a failure or without one; the reader first gets what waits. */
  #end(failure: { error: unknown } | null = null): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#stop('returned')
    this.#emptied()
    this.#over()
    const reader = this.#readers.shift()
    if (failure && reader) reader.reject(failure.error)
    else this.#failure = failure
    for (const rest of this.#readers.splice(0)) rest.resolve(DONE)
    if (!failure) reader?.resolve(DONE)
  }

  async #run(): Promise<void> {
    const release = this.#link.hold()
    try {
      await this.#keeper.loaded
      const viewer = this.#keeper.session?.viewerId
      while (!this.#isOver) {
        if (!viewer || this.#keeper.session?.viewerId !== viewer) throw sessionOver()
        const end = await this.#once()
        if (this.#isOver || !(await this.#goesOn(end))) return this.#end()
      }
    } catch (error) {
      this.#end({ error })
    } finally {
      release()
    }
  }

  /** Whether it is to be begun anew, and waits until it is. */
  async #goesOn(end: End): Promise<boolean> {
    const { isResumable } = this.#source
    if (end === 'full') {
      if (!isResumable) throw new OverflowError(`more than ${this.#limit} results were not taken in time`)
      if (this.#items.length > 0) await new Promise<void>((emptied) => (this.#emptied = emptied))
    } else if (end === 'cut' || isResumable) {
      await this.#link.pause()
    } else {
      return false
    }
    return true
  }

  /** Runs the operation until something ends it. Throws what no other try would mend. */
  async #once(): Promise<End> {
    try {
      const operation = await this.#source.begin()
      return this.#isOver ? 'returned' : await this.#listen(operation)
    } catch (error) {
      if (!isPassing(error)) throw error
      if (error instanceof NatterjackError && error.retryAfter) await sleep(error.retryAfter * 1000)
      return 'cut'
    }
  }

  #listen(operation: Operation): Promise<End> {
    return new Promise((resolve, reject) => {
      let isOver = false
      const stop = (end: End) => {
        if (isOver) return
        isOver = true
        // It may be told to stop before `subscribe` has answered.
        queueMicrotask(() => dispose())
        resolve(end)
      }
      this.#stop = stop
      const dispose = this.#link.subscribe(operation, {
        next: (result) => {
          if (isOver) return
          try {
            this.#receive(result)
          } catch (error) {
            reject(error)
            stop('cut')
          }
        },
        error: (reason) => {
          if (isOver) return
          isOver = true
          const failure = failureOf(reason)
          if (failure) reject(failure)
          else resolve('cut')
        },
        complete: () => stop('complete'),
      })
    })
  }

  #receive(result: unknown): void {
    const data = dataOf(result)
    // Nothing could be told: what comes after it would take the reader past it.
    if (data === null) throw refusal(errorsIn(result))
    const item = this.#source.take(data)
    if (item !== undefined) this.#give(item)
  }
}
