// The one place where conversations are held: queries and events are folded in here, by id and revision, and views read it.
import { computed, signal, type Signal } from '@preact/signals'
import type { FaceFragment, MembershipState, Role, SummaryFragment } from '../generated/operations'
import { meet, takeProfile } from './people'
import { noTimeline, withMessage, type Message, type Timeline } from './timeline'

export interface Marks {
  readonly readSeq: number
  readonly deliveredSeq: number
}

export interface Conversation {
  readonly id: string
  readonly kind: FaceFragment['kind']
  readonly title: string
  readonly name: string | null
  readonly description: string | null
  readonly visibility: FaceFragment['visibility']
  readonly createdAt: string
  readonly memberCount: number
  readonly onlineMemberCount: number
  readonly peerId: string | null
  /** Null for one who is neither in it nor invited. */
  readonly state: MembershipState | null
  readonly role: Role | null
  readonly invitedById: string | null
  readonly isMuted: boolean
  readonly unread: number
  readonly readSeq: number
  readonly lastMessage: Message | null
  readonly timeline: Timeline
  /** The other members' marks, by person; of those alone who were loaded. */
  readonly marks: ReadonlyMap<string, Marks>
  /** Who types, with the moment at which that lapses. */
  readonly typing: ReadonlyMap<string, number>
}

// The server's own limit, after which typing lapses without a word (docs/people.md).
const TYPING_LAPSES = 6000

const held = signal<ReadonlyMap<string, Signal<Conversation>>>(new Map())

/** The viewer's id, by which own messages and marks are known. */
export const viewerId = signal('')

export const conversation = (id: string): Conversation | null => held.value.get(id)?.value ?? null

export function change(id: string, how: (conversation: Conversation) => Conversation): void {
  const found = held.peek().get(id)
  if (found) found.value = how(found.peek())
}

export function forget(id: string): void {
  const next = new Map(held.peek())
  if (next.delete(id)) held.value = next
}

const activity = ({ lastMessage, createdAt }: Conversation): string => lastMessage?.createdAt ?? createdAt

/** Those that the viewer is in or invited to: invitations first, then by their latest message. */
export const listed = computed(() =>
  [...held.value.values()]
    .map((each) => each.value)
    .filter(({ state }) => state !== null)
    .sort(
      (a, b) =>
        Number(b.state === 'INVITED') - Number(a.state === 'INVITED') ||
        (activity(a) < activity(b) ? 1 : activity(a) > activity(b) ? -1 : a.id < b.id ? 1 : -1),
    ),
)

export const unreadInAll = computed(() => listed.value.reduce((sum, { unread, isMuted }) => sum + (isMuted ? 0 : unread), 0))

function ofFace(face: FaceFragment) {
  if (face.peer) takeProfile(face.peer)
  const membership = face.viewerMembership
  if (membership?.invitedBy) meet(membership.invitedBy)
  return {
    id: face.id,
    kind: face.kind,
    title: face.title,
    name: face.name,
    description: face.description,
    visibility: face.visibility,
    createdAt: face.createdAt,
    memberCount: face.memberCount,
    onlineMemberCount: face.onlineMemberCount,
    peerId: face.peer?.id ?? null,
    state: membership?.state ?? null,
    role: membership?.role ?? null,
    invitedById: membership?.invitedBy?.id ?? null,
    isMuted: membership?.isMuted ?? false,
    unread: face.unreadCount ?? 0,
    readSeq: membership?.readSeq ?? 0,
  }
}

/** Takes in what a conversation is now called and who is in it. The viewer's mark only rises. */
export function takeFace(face: FaceFragment): void {
  const taken = ofFace(face)
  const known = held.peek().get(face.id)
  if (!known) {
    const fresh = { ...taken, lastMessage: null, timeline: noTimeline, marks: new Map(), typing: new Map() }
    held.value = new Map(held.peek()).set(face.id, signal<Conversation>(fresh))
    return
  }
  const before = known.peek()
  const isBehind = before.readSeq > taken.readSeq
  known.value = { ...before, ...taken, ...(isBehind ? { readSeq: before.readSeq, unread: before.unread } : {}) }
}

export function takeSummary(summary: SummaryFragment): void {
  takeFace(summary)
  if (summary.lastMessage) takeLast(summary.id, summary.lastMessage)
}

function takeLast(id: string, told: Message): void {
  change(id, (before) => {
    const last = before.lastMessage
    const isNewer = !last || told.seq > last.seq || (told.seq === last.seq && told.revision > last.revision)
    return isNewer ? { ...before, lastMessage: told } : before
  })
}

/** Takes in the names that a message bears. */
export function meetAll({ author, replyTo, notice }: Message): void {
  if (author) meet(author)
  if (replyTo?.author) meet(replyTo.author)
  if (notice?.actor) meet(notice.actor)
  if (notice?.subject) meet(notice.subject)
}

/** Takes in a message that was sent, or the answer to one's own sending: whichever comes first, and nothing twice. */
export function takeMessage(id: string, told: Message): void {
  meetAll(told)
  change(id, (before) => {
    const isOwn = told.author?.id === viewerId.peek()
    const isNew = told.seq > (before.lastMessage?.seq ?? 0) && told.seq > before.readSeq
    const counts = isNew && told.author !== null && !told.deletedAt
    const typing = new Map(before.typing)
    if (told.author) typing.delete(told.author.id)
    return {
      ...before,
      typing,
      timeline: before.timeline.state === 'none' ? before.timeline : withMessage(before.timeline, told),
      // To send is to have read.
      unread: isOwn && isNew ? 0 : before.unread + (counts ? 1 : 0),
      readSeq: isOwn ? Math.max(before.readSeq, told.seq) : before.readSeq,
    }
  })
  takeLast(id, told)
}

/** Takes in a message that is other than before. It may be one that was never seen. */
export function takeChange(id: string, told: Message): void {
  meetAll(told)
  change(id, (before) => ({
    ...before,
    timeline: before.timeline.state === 'none' ? before.timeline : withMessage(before.timeline, told),
  }))
  takeLast(id, told)
}

export function takeMarks(id: string, userId: string, told: Marks): void {
  change(id, (before) => {
    if (userId === viewerId.peek()) {
      const readSeq = Math.max(before.readSeq, told.readSeq)
      return { ...before, readSeq, unread: readSeq >= (before.lastMessage?.seq ?? 0) ? 0 : before.unread }
    }
    const marks = before.marks.get(userId)
    const raised = {
      readSeq: Math.max(told.readSeq, marks?.readSeq ?? 0),
      deliveredSeq: Math.max(told.deliveredSeq, marks?.deliveredSeq ?? 0),
    }
    return { ...before, marks: new Map(before.marks).set(userId, raised) }
  })
}

export function takeTyping(id: string, userIds: readonly string[]): void {
  const until = Date.now() + TYPING_LAPSES
  const others = userIds.filter((userId) => userId !== viewerId.peek())
  change(id, (before) => ({ ...before, typing: new Map(others.map((userId) => [userId, until])) }))
  if (others.length > 0) setTimeout(() => lapse(id), TYPING_LAPSES + 50)
}

function lapse(id: string): void {
  change(id, (before) => {
    const now = Date.now()
    const typing = new Map([...before.typing].filter(([, until]) => until > now))
    return typing.size === before.typing.size ? before : { ...before, typing }
  })
}

export function changeTimeline(id: string, how: (timeline: Timeline) => Timeline): void {
  change(id, (before) => ({ ...before, timeline: how(before.timeline) }))
}

export function forgetAll(): void {
  held.value = new Map()
  viewerId.value = ''
}
