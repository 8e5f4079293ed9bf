// What this page keeps, in this browser tab alone and until that is closed: a token is somebody's session.

/** Something kept under a name, which may be listened to. */
export interface Kept {
  /** What is kept; empty where nothing is. */
  get(): string
  /** Keeps this in its place. */
  set(value: string): void
  /** Calls the listener after each change; what it gives back ends that. */
  subscribe(listener: () => void): () => void
}

const found = (): Storage | null => {
  try {
    return sessionStorage
  } catch {
    return null
  }
}

/** The browser tab's own storage; null where the browser gives pages none. */
export const storage = found()

const keep = (name: string, value: string): void => {
  try {
    storage?.setItem(name, value)
  } catch {
    // It is full: then what is kept ends with the page.
  }
}

const kept = (name: string): Kept => {
  const listeners = new Set<() => void>()
  let value = storage?.getItem(name) ?? ''
  return {
    get: () => value,
    set(next) {
      if (next === value) return
      value = next
      keep(name, next)
      for (const listener of listeners) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Who the page acts as: goes with every request, and into `connection_init` of every socket. */
export const token = kept('natterjack:token')

/** The conversation that was opened or made last. */
export const conversation = kept('natterjack:conversation')
