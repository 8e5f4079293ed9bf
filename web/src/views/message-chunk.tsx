// Some twenty messages that are drawn, or not drawn, together.
import { memo } from 'preact/compat'
import type { Message } from '../state/timeline'
import { MessageRow, type Progress } from './message'
import type { Actions } from './message-actions'

// Enough that there are few boxes, and few enough that one is drawn well within a frame.
const SIZE = 20

export interface MessageChunk {
  /** Of the seqs that it holds: it stays when earlier messages come. */
  readonly key: number
  readonly messages: readonly Message[]
  readonly previous: Message | null
  readonly holds: (id: string | null) => boolean
  readonly hasOwn: (viewer: string) => boolean
}

export function chunksOf(messages: readonly Message[]): readonly MessageChunk[] {
  const chunks: MessageChunk[] = []
  for (let from = 0; from < messages.length; ) {
    const key = Math.floor(messages[from]!.seq / SIZE)
    let end = from + 1
    while (end < messages.length && Math.floor(messages[end]!.seq / SIZE) === key) end += 1
    const part = messages.slice(from, end)
    chunks.push({
      key,
      messages: part,
      previous: messages[from - 1] ?? null,
      holds: (id) => id !== null && part.some((message) => message.id === id),
      hasOwn: (viewer) => part.some((message) => message.author?.id === viewer),
    })
    from = end
  }
  return chunks
}

interface Props {
  readonly chunk: MessageChunk
  readonly isGroup: boolean
  readonly viewer: string
  readonly activeId: string | null
  readonly stopId: string | null
  readonly foundId: string | null
  readonly newFromId: string | null
  readonly progress: { readonly read: number; readonly delivered: number } | null
  readonly actions: Actions
}

function progressOf({ seq }: Message, { read, delivered }: NonNullable<Props['progress']>): Progress {
  return seq <= read ? 'read' : seq <= delivered ? 'delivered' : 'sent'
}

function sameMessages(before: MessageChunk, after: MessageChunk): boolean {
  if (before === after) return true
  return (
    before.previous === after.previous &&
    before.messages.length === after.messages.length &&
    before.messages.every((message, at) => message === after.messages[at])
  )
}

/** A chunk is drawn anew only where something of its own has changed: with ten thousand messages that is what keeps it quick. */
function isSame(before: Props, after: Props): boolean {
  const { chunk: a, ...restBefore } = before
  const { chunk: b, ...restAfter } = after
  const keys = Object.keys(restAfter) as (keyof typeof restAfter)[]
  return sameMessages(a, b) && keys.every((key) => restBefore[key] === restAfter[key])
}

export const Chunk = memo(({ chunk, isGroup, viewer, activeId, stopId, foundId, newFromId, progress, actions }: Props) => (
  <div class="chunk" data-chunk={chunk.key}>
    {chunk.messages.map((message, at) => (
      <MessageRow
        key={message.id}
        message={message}
        previous={chunk.messages[at - 1] ?? chunk.previous}
        isOwn={message.author?.id === viewer}
        isGroup={isGroup}
        isActive={message.id === activeId}
        isTabStop={message.id === stopId}
        isFound={message.id === foundId}
        isNewFrom={message.id === newFromId}
        progress={progress && message.author?.id === viewer && !message.deletedAt ? progressOf(message, progress) : null}
        actions={actions}
      />
    ))}
  </div>
), isSame)
