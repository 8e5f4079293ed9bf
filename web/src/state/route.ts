// Where one is, in the part of the address after `#`, so that the server knows one page alone and the browser's own buttons work.
import { computed, signal } from '@preact/signals'

export type Route =
  | { readonly at: 'start' }
  | { readonly at: 'conversation'; readonly id: string; readonly panel: 'about' | 'search' | null; readonly messageId: string | null }
  | { readonly at: 'with'; readonly username: string }
  | { readonly at: 'new' | 'group' | 'rooms' | 'search' | 'bell' | 'you' }

const SCREENS = ['new', 'group', 'rooms', 'search', 'bell', 'you'] as const

function decode(part: string | undefined): string {
  try {
    return decodeURIComponent(part ?? '')
  } catch {
    return ''
  }
}

function parse(hash: string): Route {
  const [first = '', second, third, fourth] = hash.replace(/^#\/?/, '').split('/')
  if (first === 'c' && second) {
    const panel = third === 'about' || third === 'search' ? third : null
    return { at: 'conversation', id: decode(second), panel, messageId: third === 'at' ? decode(fourth) || null : null }
  }
  if (first === 'with' && second) return { at: 'with', username: decode(second) }
  const screen = SCREENS.find((name) => name === first)
  return screen ? { at: screen } : { at: 'start' }
}

export const route = signal<Route>(parse(location.hash))
addEventListener('hashchange', () => (route.value = parse(location.hash)))

/** The conversation that is open. */
export const opened = computed(() => (route.value.at === 'conversation' ? route.value.id : null))

export const to = {
  start: '#/',
  new: '#/new',
  group: '#/group',
  rooms: '#/rooms',
  search: '#/search',
  bell: '#/bell',
  you: '#/you',
  conversation: (id: string) => `#/c/${encodeURIComponent(id)}`,
  about: (id: string) => `#/c/${encodeURIComponent(id)}/about`,
  searchIn: (id: string) => `#/c/${encodeURIComponent(id)}/search`,
  message: (id: string, messageId: string) => `#/c/${encodeURIComponent(id)}/at/${encodeURIComponent(messageId)}`,
  with: (username: string) => `#/with/${encodeURIComponent(username)}`,
}

export function go(hash: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') {
    location.hash = hash
  } else {
    history.replaceState(null, '', hash)
    route.value = parse(hash)
  }
}

/** The whole address, to be sent to somebody. */
export const link = (hash: string): string => `${location.origin}${location.pathname}${hash}`
