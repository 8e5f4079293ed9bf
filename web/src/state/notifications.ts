// What concerns the viewer, the latest first. There are no positions of it: after a break the first page is fetched again.
import { signal } from '@preact/signals'
import { client } from '../client'
import { MarkNotificationsSeenDocument, NotificationsDocument, type NotificationPartsFragment } from '../generated/operations'
import { meet } from './people'

export type Notification = NotificationPartsFragment

export const unseen = signal(0)
/** Null until they are looked at. */
export const notifications = signal<readonly Notification[] | null>(null)
export const moreAfter = signal<string | null>(null)

const PAGE = 30

export function take(told: Notification): void {
  if (told.actor) meet(told.actor)
  if (!told.seenAt) unseen.value += 1
  const held = notifications.peek()
  if (held && !held.some(({ id }) => id === told.id)) notifications.value = [told, ...held]
}

export async function load(): Promise<void> {
  const { viewer } = await client.request(NotificationsDocument, { first: PAGE })
  const page = viewer?.notifications
  if (!page) return
  unseen.value = viewer.unseenNotificationCount ?? 0
  notifications.value = page.nodes
  moreAfter.value = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
}

export async function loadMore(): Promise<void> {
  const after = moreAfter.peek()
  if (!after) return
  const { viewer } = await client.request(NotificationsDocument, { first: PAGE, after })
  const page = viewer?.notifications
  const held = notifications.peek()
  if (!page || !held) return
  const known = new Set(held.map(({ id }) => id))
  notifications.value = [...held, ...page.nodes.filter(({ id }) => !known.has(id))]
  moreAfter.value = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
}

export const lookAgain = async (): Promise<void> => (notifications.peek() ? load() : undefined)

export async function markAllSeen(): Promise<void> {
  const upToId = notifications.peek()?.[0]?.id
  if (!upToId || unseen.peek() === 0) return
  const { markNotificationsSeen } = await client.request(MarkNotificationsSeenDocument, { upToId })
  unseen.value = markNotificationsSeen?.viewer?.unseenNotificationCount ?? 0
}
