import { createClient, type Client, type Sink } from 'graphql-ws'
import { Listeners } from './listeners.js'
import type { SessionKeeper } from './session.js'
import { sleep, type RetryDelay } from './waiting.js'

/**
 * How it stands with the socket: `idle` while nobody subscribes, `connecting` and `open` as they say, `waiting` between
 * a cut and the next try.
 */
export type ConnectionState = 'idle' | 'connecting' | 'open' | 'waiting'

/** An operation as it goes over the socket. */
export interface Operation {
  query: string
  variables: { [key: string]: unknown }
}

/** A WebSocket's constructor, as browsers, Node from 22 on, and npm's `ws` have it. */
export type WebSocketImplementation = new (url: string, protocols?: string | string[]) => unknown

/** How long a socket may take to open, in milliseconds; and how long its `connection_init` may be unanswered. */
const OPENING_LIMIT = 20_000

/**
 * After how long without a word the server is asked for a sign of life, and how long it has to give one, in
 * milliseconds.
 */
const PING_EVERY = 12_000
const PONG_LIMIT = 8_000

/** A socket that has been open for so long, in milliseconds, is no failed try, whatever becomes of it. */
const PROVEN_AFTER = 5_000

/** A socket that nobody needs any more is kept for so long, in milliseconds, for whoever subscribes next. */
const LINGER = 3_000

const isCloseOf = (event: unknown, codes: readonly number[]): boolean =>
  typeof event === 'object' && event !== null && codes.includes((event as { code?: unknown }).code as number)

/** Closed since the token counts no more. These codes and those below are those of graphql-transport-ws. */
const isRefusal = (event: unknown): boolean => isCloseOf(event, [4401, 4403])

/** Closed since what was sent is not understood: the same would come of the same. */
export const isFatal = (event: unknown): event is { code: number; reason: string } =>
  isCloseOf(event, [4400, 4406, 4409, 4429])

/** `…/graphql` of http as of ws. */
const socketUrl = (url: string): string => url.replace(/^http/, 'ws')

/**
 * The one socket of a client. It is opened when somebody subscribes, and not again by itself: who is cut off asks
 * again.
 */
export class Link {
  readonly changes = new Listeners<ConnectionState>()
  readonly #keeper: SessionKeeper
  readonly #delay: RetryDelay
  readonly #closing = new AbortController()
  readonly #client: Client
  #state: ConnectionState = 'idle'
  #holders = 0
  #failures = 0
  #openedAt: number | null = null
  #pausing: Promise<void> | null = null
  #wake: () => void = () => {}
  #token: string | null = null
  #refused: string | null = null
  #silence: ReturnType<typeof setTimeout> | undefined

  constructor(url: string, keeper: SessionKeeper, delay: RetryDelay, webSocket?: WebSocketImplementation) {
    this.#keeper = keeper
    this.#delay = delay
    this.#client = createClient({
      url: socketUrl(url),
      ...(webSocket ? { webSocketImpl: webSocket } : {}),
      // Each subscription says anew from where it goes on, so it is begun anew, by whoever holds it.
      retryAttempts: 0,
      lazyCloseTimeout: LINGER,
      connectionAckWaitTimeout: OPENING_LIMIT,
      keepAlive: PING_EVERY,
      connectionParams: () => this.#introduction(),
      on: {
        connecting: () => this.#opening(),
        connected: () => this.#opened(),
        ping: (isReceived) => isReceived || this.#await(PONG_LIMIT),
        pong: (isReceived) => isReceived && this.#heard(),
        closed: (event) => this.#closed(event),
        error: () => this.#closed(null),
      },
    })
    globalThis.addEventListener?.('online', this.#hurry)
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** Says that somebody wants the socket, also while it is away; answers how to say that no more. */
  hold(): () => void {
    this.#holders += 1
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#holders -= 1
      if (this.#holders === 0 && this.#state === 'waiting') this.#become('idle')
    }
  }

  /** Runs one operation until it is over or the socket is; answers how to end it before. */
  subscribe(operation: Operation, sink: Sink<{ data?: unknown }>): () => void {
    return this.#client.subscribe<unknown>(
      { ...operation },
      {
        next: (result) => {
          if (result.data) this.#failures = 0
          sink.next(result)
        },
        error: (error) => sink.error(error),
        complete: () => sink.complete(),
      },
    )
  }

  /** Waits until it makes sense to try again: the same time for all who were cut off together. */
  pause(): Promise<void> {
    if (this.#pausing) return this.#pausing
    if (this.#holders > 0) this.#become('waiting')
    const waking = new AbortController()
    this.#wake = () => waking.abort()
    const signal = AbortSignal.any([waking.signal, this.#closing.signal])
    this.#pausing = sleep(this.#delay(this.#failures), signal)
      .catch(() => {})
      .finally(() => {
        this.#pausing = null
      })
    this.#failures += 1
    return this.#pausing
  }

  /** Cuts the socket: who subscribes next comes over a new one. */
  cut(): void {
    this.#client.terminate()
  }

  close(): void {
    globalThis.removeEventListener?.('online', this.#hurry)
    this.#closing.abort()
    clearTimeout(this.#silence)
    this.#client.terminate()
    this.#become('idle')
  }

  readonly #hurry = (): void => this.#wake()

  async #introduction(): Promise<{ authorization: string } | undefined> {
    let token = await this.#keeper.accessToken()
    if (token !== null && token === this.#refused) token = await this.#keeper.tokenAfter(token)
    this.#token = token
    return token === null ? undefined : { authorization: `Bearer ${token}` }
  }

  #opening(): void {
    this.#become('connecting')
    this.#await(OPENING_LIMIT)
  }

  #opened(): void {
    clearTimeout(this.#silence)
    this.#openedAt = Date.now()
    this.#become('open')
  }

  #closed(event: unknown): void {
    clearTimeout(this.#silence)
    if (isRefusal(event)) this.#refused = this.#token
    if (this.#openedAt !== null && Date.now() - this.#openedAt >= PROVEN_AFTER) this.#failures = 0
    this.#openedAt = null
    this.#become(this.#holders > 0 ? 'waiting' : 'idle')
  }

  /** Takes the socket for dead unless something is heard in time: a line can die without a word. */
  #await(milliseconds: number): void {
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.cut(), milliseconds)
  }

  #heard(): void {
    clearTimeout(this.#silence)
  }

  #become(state: ConnectionState): void {
    if (state === this.#state) return
    this.#state = state
    this.changes.tell(state)
  }
}
