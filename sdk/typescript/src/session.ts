import { type ErrorCode, NatterjackError, unwrap } from './errors.js'
import { RefreshSessionDocument, type SignedInFragment } from './generated/operations.js'
import { post, type Http } from './http.js'
import { Listeners } from './listeners.js'
import type { Tokens, TokenStorage } from './storage.js'
import { tryAgain, type RetryDelay } from './waiting.js'

/** A sign-in on this device. */
export interface Session {
  readonly viewerId: string
  /** When it ends unless it is used before, by RFC 3339: it goes on with every use. */
  readonly endsAt: string
}

/**
 * For how long a trade of tokens that brought no answer is tried again, in milliseconds. The server takes a refresh
 * token a second time within 10 s of the first, and later for a stolen one (docs/accounts.md, Sessions).
 */
const TRADE_LIMIT = 8_000

/** How long one of these tries may take, in milliseconds, so that a second one fits in. */
const TRADE_TIMEOUT = 5_000

/**
 * How much earlier than it runs out an access token is traded, in milliseconds, or a fifth of its life if that is less.
 */
const MARGIN = 60_000

/** How long an access token lives, in milliseconds: by its own word, for this device's clock may be wrong. */
const lifeOf = (accessToken: string): number | null => {
  try {
    const payload = (accessToken.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
    const { iat, exp } = JSON.parse(atob(payload)) as { iat?: unknown; exp?: unknown }
    return typeof iat === 'number' && typeof exp === 'number' && exp > iat ? (exp - iat) * 1000 : null
  } catch {
    return null
  }
}

const tokensOf = (payload: SignedInFragment): Tokens => {
  const { tokens, viewer } = unwrap(payload)
  if (!tokens || !viewer) throw new NatterjackError('INTERNAL', 'the server has signed in nobody, and says not why')
  const now = Date.now()
  const life = lifeOf(tokens.accessToken) ?? Date.parse(tokens.expiresAt) - now
  return {
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken,
    renewAt: now + life - Math.min(MARGIN, life / 5),
    endsAt: tokens.refreshExpiresAt,
    viewerId: viewer.id,
  }
}

const sessionOf = (tokens: Tokens): Session => ({ viewerId: tokens.viewerId, endsAt: tokens.endsAt })

/** Says that nobody is signed in any more. */
export const sessionOver = () => new NatterjackError('UNAUTHENTICATED', 'the session is over: sign in again')

/** These say that the session is over; anything else, that the trade may go well another time. */
const ENDS: readonly ErrorCode[] = ['WRONG_CREDENTIALS', 'UNAUTHENTICATED', 'NOT_FOUND', 'INVALID_INPUT']

/** Keeps the tokens of one session and trades them in time, once for all who wait. */
export class SessionKeeper {
  /** Resolves once the storage was asked for a session of before. */
  readonly loaded: Promise<void>
  readonly changes = new Listeners<Session | null>()
  readonly #http: Http
  readonly #storage: TokenStorage
  readonly #delay: RetryDelay
  readonly #forget: () => void
  #tokens: Tokens | null = null
  #session: Session | null = null
  #trading: Promise<string> | null = null

  constructor(http: Http, storage: TokenStorage, delay: RetryDelay) {
    this.#http = http
    this.#storage = storage
    this.#delay = delay
    const kept = storage.load()
    if (kept instanceof Promise) {
      this.loaded = kept.then((tokens) => this.#adopt(tokens))
      // Whoever awaits it is told; a page that never asks is not to die of it.
      this.loaded.catch(() => {})
    } else {
      this.loaded = Promise.resolve()
      this.#adopt(kept)
    }
    this.#forget = storage.onChange?.(() => void this.#look().catch(() => {})) ?? (() => {})
  }

  get session(): Session | null {
    return this.#session
  }

  /** A token that still counts as far as is known; null where nobody is signed in. */
  async accessToken(): Promise<string | null> {
    await this.loaded
    if (!this.#tokens) return null
    return Date.now() < this.#tokens.renewAt ? this.#tokens.accessToken : this.#trade()
  }

  /** A token in place of one that the server has refused. Throws `UNAUTHENTICATED` where the session is over. */
  async tokenAfter(refused: string): Promise<string> {
    if (!this.#tokens) throw sessionOver()
    return this.#tokens.accessToken === refused ? this.#trade() : this.#tokens.accessToken
  }

  /** Takes up a new sign-in. Throws what the payload says was wrong. */
  async begin(payload: SignedInFragment | null): Promise<Session> {
    const tokens = tokensOf(unwrap(payload))
    this.#adopt(tokens)
    await this.#storage.save(tokens)
    return sessionOf(tokens)
  }

  /** Forgets the session, on this device alone. */
  async end(): Promise<void> {
    this.#adopt(null)
    await this.#storage.save(null)
  }

  close(): void {
    this.#forget()
  }

  #adopt(tokens: Tokens | null): void {
    const before = this.#session
    this.#tokens = tokens
    if (tokens?.viewerId === before?.viewerId) {
      if (tokens) this.#session = sessionOf(tokens)
      return
    }
    this.#session = tokens && sessionOf(tokens)
    this.changes.tell(this.#session)
  }

  /** Takes over what another tab has stored. */
  async #look(): Promise<void> {
    this.#adopt(await this.#storage.load())
  }

  #trade(): Promise<string> {
    this.#trading ??= this.#alone(() => this.#tradeNow()).finally(() => {
      this.#trading = null
    })
    return this.#trading
  }

  /** One at a time among the tabs that share a storage, where the platform can tell. */
  #alone(trade: () => Promise<string>): Promise<string> {
    const locks = typeof navigator === 'undefined' ? undefined : navigator.locks
    return locks ? locks.request(`natterjack ${this.#http.url}`, trade) : trade()
  }

  async #tradeNow(): Promise<string> {
    const ours = this.#tokens
    if (!ours) throw sessionOver()
    const kept = await this.#storage.load()
    if (kept?.refreshToken !== ours.refreshToken) {
      this.#adopt(kept)
      if (!kept) throw sessionOver()
      return kept.accessToken
    }
    const next = await this.#traded(ours)
    // Somebody may have signed out or in meanwhile: theirs stands.
    if (this.#tokens !== ours) return this.#tokens ? this.#tokens.accessToken : Promise.reject(sessionOver())
    this.#adopt(next)
    await this.#storage.save(next)
    return next.accessToken
  }

  async #traded(ours: Tokens): Promise<Tokens> {
    const http = { ...this.#http, timeout: Math.min(this.#http.timeout, TRADE_TIMEOUT) }
    const attempt = () => post(http, RefreshSessionDocument, { refreshToken: ours.refreshToken }, { token: null })
    try {
      const { refreshSession } = await tryAgain(attempt, { limit: TRADE_LIMIT, delay: this.#delay })
      return tokensOf(unwrap(refreshSession))
    } catch (error) {
      if (!(error instanceof NatterjackError) || !ENDS.includes(error.code)) throw error
      if (this.#tokens === ours) await this.end()
      throw sessionOver()
    }
  }
}
