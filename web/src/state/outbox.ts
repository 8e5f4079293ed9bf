// What was written and is not yet seen to be stored. Each has the id under which it is sent, however often, so that it is stored once;
// it stays here until the log itself tells of it. It lasts as long as the tab, over a reload too.
import { newClientId } from '@natterjack/client'
import { signal } from '@preact/signals'
import { sendMessage } from '../client'
import { inWords } from '../wording'
import { conversation } from './conversations'
import type { Message } from './timeline'

export interface Pending {
  readonly clientId: string
  readonly conversationId: string
  readonly text: string
  readonly replyTo: Pick<Message, 'id' | 'text' | 'author'> | null
  readonly at: string
  readonly state: 'sending' | 'stored' | 'failed'
  readonly problem: string | null
}

const KEPT = 'natterjack.outbox'

export const outbox = signal<readonly Pending[]>([])

/** The last sending of each conversation: the next waits for it, so that they are stored in the order in which they were written. */
const lines = new Map<string, Promise<void>>()

let stop = new AbortController()

function set(next: readonly Pending[]): void {
  outbox.value = next
  try {
    if (next.length === 0) sessionStorage.removeItem(KEPT)
    else sessionStorage.setItem(KEPT, JSON.stringify(next))
  } catch {
    // Storage that is full or forbidden: what waits lives as long as the page.
  }
}

const update = (clientId: string, how: Partial<Pending>): void =>
  set(outbox.peek().map((each) => (each.clientId === clientId ? { ...each, ...how } : each)))

export const discard = (clientId: string): void => set(outbox.peek().filter((each) => each.clientId !== clientId))

/** The log tells of it: what stands in its place here is done. */
export function settle(clientId: string | null): void {
  if (clientId && outbox.peek().some((each) => each.clientId === clientId)) discard(clientId)
}

export function send(conversationId: string, text: string, replyTo: Pending['replyTo']): void {
  const pending: Pending = {
    clientId: newClientId(),
    conversationId,
    text,
    replyTo: replyTo && { id: replyTo.id, text: replyTo.text, author: replyTo.author },
    at: new Date().toISOString(),
    state: 'sending',
    problem: null,
  }
  set([...outbox.peek(), pending])
  enqueue(pending)
}

export function retry(pending: Pending): void {
  update(pending.clientId, { state: 'sending', problem: null })
  enqueue(pending)
}

function enqueue(pending: Pending): void {
  const before = lines.get(pending.conversationId) ?? Promise.resolve()
  const line = before.then(() => deliver(pending))
  lines.set(pending.conversationId, line)
  void line.then(() => {
    if (lines.get(pending.conversationId) === line) lines.delete(pending.conversationId)
  })
}

async function deliver({ clientId, conversationId, text, replyTo }: Pending): Promise<void> {
  if (!outbox.peek().some((each) => each.clientId === clientId)) return
  try {
    const seq = await sendMessage({ clientId, conversationId, text, ...(replyTo ? { replyToId: replyTo.id } : {}) }, stop.signal)
    // Told of before, as by the page that was loaded after the first try: then no event will come.
    if ((conversation(conversationId)?.lastMessage?.seq ?? 0) >= seq) discard(clientId)
    else update(clientId, { state: 'stored' })
  } catch (error) {
    update(clientId, { state: 'failed', problem: inWords(error) })
  }
}

/** Goes on with what a reload has interrupted. What was stored meanwhile is told as a repeat. */
export function resumeOutbox(): void {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEPT) ?? '[]')
    if (!Array.isArray(kept) || kept.length === 0) return
    outbox.value = kept as Pending[]
    for (const pending of outbox.peek()) if (pending.state !== 'failed') retry(pending)
  } catch {
    sessionStorage.removeItem(KEPT)
  }
}

/** What one person has not sent is not to be sent by the next. */
export function emptyOutbox(): void {
  stop.abort()
  stop = new AbortController()
  lines.clear()
  set([])
}
