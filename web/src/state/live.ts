// From signing in to signing out: the list as it stands, then every event from there on, folded into what is held.
import { signal } from '@preact/signals'
import { client } from '../client'
import { EventsDocument, HomeDocument, UnreadCountDocument, type EventsSubscription, type HomeQuery } from '../generated/operations'
import * as conversations from './conversations'
import { loadMarks, openTimeline, refetch } from './history'
import * as notifications from './notifications'
import { resumeOutbox, settle } from './outbox'
import { meet, takePresence, takeProfile } from './people'
import { opened } from './route'

type Event = EventsSubscription['events']

/** Whether the list of conversations is here. */
export const home = signal<'loading' | 'ready' | 'failed'>('loading')

const PAGE = 50

/** All conversations, with where each stands: `events` goes on from there, and one that is left out would be told from its beginning. */
async function loadHome(signal: AbortSignal): Promise<Map<string, number>> {
  const positions = new Map<string, number>()
  let after: string | null = null
  do {
    const answer: HomeQuery = await client.request(HomeDocument, { first: PAGE, after }, { signal })
    const { viewer } = answer
    const page = viewer?.conversations
    if (!viewer || !page) throw new Error('Nobody is signed in.')
    conversations.viewerId.value = viewer.id
    takeProfile(viewer.user)
    notifications.unseen.value = viewer.unseenNotificationCount ?? 0
    for (const each of page.nodes) {
      conversations.takeSummary(each)
      if (each.viewerMembership?.state === 'JOINED') positions.set(each.id, each.revision)
    }
    // The first page is enough to show.
    home.value = 'ready'
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
  } while (after)
  return positions
}

function fold(event: Event): void {
  switch (event.__typename) {
    case 'MessageAdded':
      conversations.takeMessage(event.conversation.id, event.message)
      return settle(event.message.clientId)
    case 'MessageChanged':
      conversations.takeChange(event.conversation.id, event.message)
      return settle(event.message.clientId)
    case 'Synced':
    case 'ConversationChanged':
      return conversations.takeFace(event.conversation)
    case 'ResyncNeeded':
      return void fetchAnew(event.conversation.id).catch(() => {})
    case 'MembershipChanged':
      if (event.entered) return enter(event.entered)
      return conversations.forget(event.conversationId)
    case 'ReceiptChanged':
      conversations.takeMarks(event.conversation.id, event.user.id, event)
      if (event.user.id === conversations.viewerId.value) void recount(event.conversation.id).catch(() => {}) // after a break, Synced tells it
      return
    case 'TypingChanged':
      for (const each of event.typing) meet(each)
      return conversations.takeTyping(event.conversation.id, event.typing.map(({ id }) => id))
    case 'PresenceChanged':
      return takePresence(event.user.id, event.presence)
    case 'UserChanged':
      return takeProfile(event.user)
    case 'NotificationAdded':
      return notifications.take(event.notification)
    case 'NotificationsSeen':
      notifications.unseen.value = event.unseenNotificationCount
      return
    case 'SessionExpiring':
      return
  }
}

function enter(face: Parameters<typeof conversations.takeFace>[0]): void {
  const isNew = conversations.conversation(face.id)?.state !== 'JOINED'
  conversations.takeFace(face)
  // The log follows from its beginning; the latest message is wanted before it has all come.
  if (isNew) void refetch(face.id).catch(() => {})
}

/** However long the line is away: nobody tells again that it is needed. */
async function fetchAnew(id: string): Promise<void> {
  await refetch(id, { retryFor: Infinity })
  if (conversations.conversation(id)?.timeline.state !== 'none') await openTimeline(id)
}

/** Another device of the viewer's has read on, perhaps not to the end. */
async function recount(id: string): Promise<void> {
  const held = conversations.conversation(id)
  if (!held || held.unread === 0) return
  const { conversation } = await client.request(UnreadCountDocument, { id })
  const unread = conversation?.unreadCount
  if (unread !== null && unread !== undefined) conversations.change(id, (before) => ({ ...before, unread }))
}

/** After a break: what is told as it is now, and so is not replayed. */
function lookAgain(): void {
  const id = opened.peek()
  if (id && conversations.conversation(id)?.state === 'JOINED') void loadMarks(id).catch(() => {})
  void notifications.lookAgain().catch(() => {})
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })

/** Runs until it is told to stop. Where the list cannot be had it tries again, ever more slowly, up to ten seconds apart. */
export function goLive(): () => void {
  const stop = new AbortController()
  const { signal } = stop
  const offConnection = client.onConnection((state) => {
    if (state === 'open' && home.peek() === 'ready') lookAgain()
  })
  const run = async (): Promise<void> => {
    // Where the events that were folded have come to: a stream that has ended is gone on with there.
    let stood: ReadonlyMap<string, number> | null = null
    for (let wait = 500; !signal.aborted; wait = Math.min(wait * 2, 10_000)) {
      try {
        const positions: ReadonlyMap<string, number> = stood ?? (await loadHome(signal))
        if (!stood) resumeOutbox()
        const events = client.events({ document: EventsDocument, positions })
        stood = events.positions
        signal.addEventListener('abort', () => void events.return?.(), { once: true })
        for await (const event of events) fold(event)
      } catch {
        if (signal.aborted) return
        if (home.peek() === 'loading') home.value = 'failed'
        await pause(wait, signal)
      }
    }
  }
  void run()
  return () => {
    stop.abort()
    offConnection()
  }
}
