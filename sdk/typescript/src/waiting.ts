import { isPassing, NatterjackError } from './errors.js'

/** How long to wait before the next try, in milliseconds, after so many failures in a row (0 after the first). */
export type RetryDelay = (failures: number) => number

/**
 * Half a second, doubled with every failure up to 15 s, and a random part of that, so that not all come back at once.
 */
export const retryDelay: RetryDelay = (failures) => Math.random() * Math.min(15_000, 500 * 2 ** Math.min(failures, 10))

/** Resolves after so many milliseconds; rejects with the signal's reason where that comes first. */
export const sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const abort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, milliseconds)
    signal?.addEventListener('abort', abort, { once: true })
  })

/** How to try again. */
export interface Tries {
  /** For how long after the first try a further one is begun, in milliseconds. */
  limit: number
  delay: RetryDelay
  signal?: AbortSignal | undefined
}

/** Does it again for as long as it fails in passing; throws the last failure. A `retryAfter` is waited for. */
export const tryAgain = async <T>(attempt: () => Promise<T>, { limit, delay, signal }: Tries): Promise<T> => {
  const deadline = Date.now() + limit
  for (let failures = 0; ; failures += 1) {
    try {
      return await attempt()
    } catch (error) {
      const asked = error instanceof NatterjackError ? (error.retryAfter ?? 0) * 1000 : 0
      const wait = asked + delay(failures)
      if (!isPassing(error) || Date.now() + wait > deadline) throw error
      await sleep(wait, signal)
    }
  }
}
