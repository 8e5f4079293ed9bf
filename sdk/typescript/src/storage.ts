/** What a device keeps to stay signed in. Whoever has it is that person: keep it where pages of others cannot reach. */
export interface Tokens {
  readonly accessToken: string
  readonly refreshToken: string
  /** When to trade it for the next pair, in milliseconds of this device's clock. */
  readonly renewAt: number
  /** When the refresh token runs out, by RFC 3339. */
  readonly endsAt: string
  /** Who is signed in. */
  readonly viewerId: string
}

/** Where tokens are kept. `load` answers what was saved last, also by another tab or process that shares the place. */
export interface TokenStorage {
  load(): Tokens | null | Promise<Tokens | null>
  save(tokens: Tokens | null): void | Promise<void>
  /** Tells when another tab or process has saved something; answers how to stop that. */
  onChange?(listener: () => void): () => void
}

/** Keeps them for as long as the program runs. */
export const memoryStorage = (): TokenStorage => {
  let kept: Tokens | null = null
  return {
    load: () => kept,
    save: (tokens) => {
      kept = tokens
    },
  }
}

const isTokens = (value: unknown): value is Tokens => {
  if (typeof value !== 'object' || value === null) return false
  const { accessToken, refreshToken, renewAt, endsAt, viewerId } = value as { [key: string]: unknown }
  const texts = [accessToken, refreshToken, endsAt, viewerId]
  return texts.every((text) => typeof text === 'string') && typeof renewAt === 'number'
}

const parsed = (text: string | null): Tokens | null => {
  try {
    const value: unknown = JSON.parse(text ?? 'null')
    return isTokens(value) ? value : null
  } catch {
    return null
  }
}

/** Keeps them in a browser's `localStorage`, which all tabs of an origin share. */
export const webStorage = (key = 'natterjack.tokens', area: Storage = localStorage): TokenStorage => ({
  load: () => parsed(area.getItem(key)),
  save: (tokens) => (tokens ? area.setItem(key, JSON.stringify(tokens)) : area.removeItem(key)),
  onChange: (listener) => {
    const heard = (event: StorageEvent) => {
      // A null key: all of it was cleared.
      if (event.key === key || event.key === null) listener()
    }
    addEventListener('storage', heard)
    return () => removeEventListener('storage', heard)
  },
})
