// Fetches pages of a conversation's log into its timeline.
import type { RequestOptions } from '@natterjack/client'
import { client } from '../client'
import { ConversationDocument, HistoryDocument, MembersDocument } from '../generated/operations'
import { changeTimeline, conversation, meetAll, takeMarks, takeSummary, takeTyping } from './conversations'
import { settle } from './outbox'
import { meet, takeProfile } from './people'
import { noTimeline, withFirstPage, withNewerPage, withOlderPage, type Page } from './timeline'

// A page of 60 costs about a third of what an operation may (docs/documents.md) and fills three phones' screens.
const PAGE = 60
// Above this, a timeline that is left is let go and fetched anew when it is opened again.
const KEPT = 600

type Where = { last?: number; first?: number; before?: string; after?: string; aroundId?: string }

async function page(id: string, where: Where): Promise<Page> {
  const { history } = await client.request(HistoryDocument, { id, ...where })
  if (!history) throw new Error('There is no such conversation.')
  for (const message of history.nodes) {
    meetAll(message)
    settle(message.clientId)
  }
  return history
}

const under = new Map<string, Promise<void>>()

/** One fetch of a kind at a time for each conversation: who asks again meanwhile gets the same. */
function once(key: string, work: () => Promise<void>): Promise<void> {
  let running = under.get(key)
  if (!running) under.set(key, (running = work().finally(() => under.delete(key))))
  return running
}

/** The newest page, or the one about a message; the timeline says where that has failed. */
export function openTimeline(id: string, aroundId?: string): Promise<void> {
  return once(`${id} first ${aroundId ?? ''}`, async () => {
    changeTimeline(id, () => ({ ...noTimeline, state: 'loading' }))
    try {
      const first = await page(id, { last: PAGE, ...(aroundId ? { aroundId } : {}) })
      changeTimeline(id, (timeline) => withFirstPage(timeline, first))
    } catch {
      changeTimeline(id, (timeline) => ({ ...timeline, state: 'failed' }))
    }
  })
}

export function loadOlder(id: string): Promise<void> {
  return once(`${id} older`, async () => {
    const before = conversation(id)?.timeline.before
    if (!before) return
    const older = await page(id, { last: PAGE, before })
    changeTimeline(id, (timeline) => (timeline.before === before ? withOlderPage(timeline, older) : timeline))
  })
}

export function loadNewer(id: string): Promise<void> {
  return once(`${id} newer`, async () => {
    const after = conversation(id)?.timeline.after
    if (!after) return
    const newer = await page(id, { first: PAGE, after })
    changeTimeline(id, (timeline) => (timeline.after === after ? withNewerPage(timeline, newer) : timeline))
  })
}

export function leaveTimeline(id: string): void {
  changeTimeline(id, (timeline) => (timeline.messages.length > KEPT || timeline.after ? noTimeline : timeline))
}

/** Who reads along, how far they have come, and who types: what the log does not tell. */
export function loadMarks(id: string): Promise<void> {
  return once(`${id} marks`, async () => {
    const { conversation: found } = await client.request(MembersDocument, { id, first: 100, state: 'JOINED' })
    for (const { user, readSeq, deliveredSeq } of found?.members?.nodes ?? []) {
      takeProfile(user)
      takeMarks(id, user.id, { readSeq, deliveredSeq })
    }
    for (const each of found?.typing ?? []) meet(each)
    takeTyping(id, found?.typing.map(({ id }) => id) ?? [])
  })
}

/** Fetches a conversation anew: what one comes to by its address, and what has moved on further than is replayed. */
export async function refetch(id: string, options: RequestOptions = {}): Promise<boolean> {
  const { conversation: found } = await client.request(ConversationDocument, { id }, options)
  if (!found) return false
  takeSummary(found)
  return true
}
