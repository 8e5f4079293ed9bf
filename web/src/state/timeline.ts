// The part of a conversation's log that is held here: one unbroken stretch of it, by rising seq. Pure functions; what a message is
// shown as is the views' affair.
import type { MessagePartsFragment } from '../generated/operations'

export type Message = MessagePartsFragment

export interface Page {
  readonly nodes: readonly Message[]
  readonly pageInfo: {
    readonly startCursor: string | null
    readonly endCursor: string | null
    readonly hasPreviousPage: boolean
    readonly hasNextPage: boolean
  }
}

export interface Timeline {
  /** Whether its first page is here yet. */
  readonly state: 'none' | 'loading' | 'ready' | 'failed'
  readonly messages: readonly Message[]
  /** Where the page before it begins; null where the log begins with it. */
  readonly before: string | null
  /** Where the page after it begins; null where it reaches to the end and grows by itself. */
  readonly after: string | null
}

export const noTimeline: Timeline = { state: 'none', messages: [], before: null, after: null }

/** Where `seq` stands or would stand. */
function place(messages: readonly Message[], seq: number): number {
  let low = 0
  let high = messages.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (messages[middle]!.seq < seq) low = middle + 1
    else high = middle
  }
  return low
}

/** The same message twice: the one of the higher revision stands. */
function newer(held: Message, told: Message): Message {
  return told.revision > held.revision ? told : held
}

/** Takes in what an event or an answer tells of one message. */
export function withMessage(timeline: Timeline, told: Message): Timeline {
  const { messages } = timeline
  const at = place(messages, told.seq)
  const held = messages[at]
  if (held?.seq === told.seq) {
    if (newer(held, told) === held) return timeline
    return { ...timeline, messages: messages.with(at, told) }
  }
  // Before the stretch that is held, or after it where it does not reach to the end: a page will bring it.
  if (at === 0 && timeline.state === 'ready' && (messages.length > 0 || timeline.before !== null)) return timeline
  if (at === messages.length && timeline.after !== null) return timeline
  return { ...timeline, messages: messages.toSpliced(at, 0, told) }
}

/**
 * The newest page, or one about a message. What was told since it was asked for (the stretch grows while it is loading) stays where it
 * follows upon the page.
 */
export function withFirstPage(timeline: Timeline, page: Page): Timeline {
  const toEnd = !page.pageInfo.hasNextPage
  let messages = page.nodes
  const first = messages[0]?.seq ?? 0
  const last = messages.at(-1)?.seq ?? 0
  let next: Timeline = {
    state: 'ready',
    messages,
    before: page.pageInfo.hasPreviousPage ? page.pageInfo.startCursor : null,
    after: toEnd ? null : page.pageInfo.endCursor,
  }
  for (const told of timeline.messages) if (told.seq >= first && (toEnd || told.seq <= last)) next = withMessage(next, told)
  return next
}

export function withOlderPage(timeline: Timeline, page: Page): Timeline {
  const first = timeline.messages[0]?.seq ?? Infinity
  return {
    ...timeline,
    messages: [...page.nodes.filter(({ seq }) => seq < first), ...timeline.messages],
    before: page.pageInfo.hasPreviousPage ? page.pageInfo.startCursor : null,
  }
}

export function withNewerPage(timeline: Timeline, page: Page): Timeline {
  const last = timeline.messages.at(-1)?.seq ?? 0
  return {
    ...timeline,
    messages: [...timeline.messages, ...page.nodes.filter(({ seq }) => seq > last)],
    after: page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null,
  }
}
