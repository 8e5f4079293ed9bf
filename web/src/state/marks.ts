// Tells the server how far the viewer has read: one mark at a time for each conversation, always the latest.
import { client } from '../client'
import { MarkReadDocument } from '../generated/operations'
import { change, conversation } from './conversations'
import type { Message } from './timeline'

const wanted = new Map<string, Message>()
const running = new Set<string>()

export function markRead(id: string, message: Message): void {
  const held = conversation(id)
  if (!held || held.state !== 'JOINED' || message.seq <= held.readSeq) return
  if (message.seq <= (wanted.get(id)?.seq ?? 0)) return
  wanted.set(id, message)
  if (!running.has(id)) void run(id)
}

async function run(id: string): Promise<void> {
  running.add(id)
  try {
    for (let message = wanted.get(id); message; message = wanted.get(id)) {
      const { markRead } = await client.request(MarkReadDocument, { id, messageId: message.id })
      if (wanted.get(id) === message) wanted.delete(id)
      const marked = markRead?.conversation
      const readSeq = marked?.viewerMembership?.readSeq ?? message.seq
      change(id, (before) =>
        readSeq < before.readSeq
          ? before
          : { ...before, readSeq, unread: readSeq >= (before.lastMessage?.seq ?? 0) ? 0 : (marked?.unreadCount ?? before.unread) },
      )
    }
  } catch {
    // The next look at the conversation marks it again.
    wanted.delete(id)
  } finally {
    running.delete(id)
  }
}
