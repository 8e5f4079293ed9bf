// The conversations, the latest first.
import { useRef } from 'preact/hooks'
import { listed, viewerId, type Conversation } from '../state/conversations'
import { home } from '../state/live'
import { outbox } from '../state/outbox'
import { nameOf, person } from '../state/people'
import { opened, to } from '../state/route'
import type { Message } from '../state/timeline'
import { Avatar } from '../ui/avatar'
import { IconLink } from '../ui/controls'
import { Icon } from '../ui/icons'
import { brief } from '../ui/time'
import { noticeText } from './notice'
import { atMost } from '../ui/count'

export const titleOf = (conversation: Conversation): string => person(conversation.peerId)?.displayName ?? conversation.title

function previewOf(message: Message | null, conversation: Conversation): string {
  if (conversation.state === 'INVITED') {
    const inviter = person(conversation.invitedById)
    return inviter ? `${inviter.displayName} invites you` : 'You are invited'
  }
  if (!message) return conversation.kind === 'DIRECT' ? 'Say hello' : 'Nothing said yet'
  if (message.notice) return noticeText(message)
  const words = message.deletedAt ? 'Message deleted' : (message.text ?? message.attachments[0]?.name ?? 'Attachment')
  if (!message.author) return words
  if (message.author.id === viewerId.value) return `You: ${words}`
  return conversation.kind === 'GROUP' ? `${nameOf(message.author)}: ${words}` : words
}

export function typingText(conversation: Conversation): string | null {
  const names = [...conversation.typing.keys()].map((id) => person(id)?.displayName ?? 'Somebody')
  if (names.length === 0) return null
  if (conversation.kind === 'DIRECT') return 'typing …'
  if (names.length === 1) return `${names[0]} is typing …`
  return names.length === 2 ? `${names[0]} and ${names[1]} are typing …` : `${names.length} people are typing …`
}

function Row({ of }: { of: Conversation }) {
  const typing = typingText(of)
  const waiting = outbox.value.findLast((each) => each.conversationId === of.id)
  const title = titleOf(of)
  const moment = waiting?.at ?? of.lastMessage?.createdAt
  return (
    <a class="row" href={to.conversation(of.id)} aria-current={opened.value === of.id ? 'page' : undefined} data-unread={of.unread > 0}>
      <Avatar id={of.peerId ?? of.id} name={title} shape={of.kind === 'GROUP' ? 'group' : 'person'} />
      <span class="row-words">
        <span class="row-top">
          <span class="row-title">{title}</span>
          {of.isMuted && (
            <span class="row-muted">
              <Icon name="mute" />
              <span class="hidden">Muted</span>
            </span>
          )}
          {moment && <time dateTime={moment}>{brief(moment)}</time>}
        </span>
        <span class="row-bottom">
          <span class="row-preview" data-typing={typing !== null}>
            {typing ?? (waiting ? `You: ${waiting.text}` : previewOf(of.lastMessage, of))}
          </span>
          {of.peerId && person(of.peerId)?.isOnline && <span class="hidden">Online</span>}
          {of.unread > 0 && (
            <span class="badge">
              {atMost(of.unread)}
              <span class="hidden"> unread</span>
            </span>
          )}
        </span>
      </span>
    </a>
  )
}

export function ConversationList() {
  const element = useRef<HTMLUListElement>(null)
  const step = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (by === 0) return
    const rows = [...(element.current?.querySelectorAll<HTMLElement>('.row') ?? [])]
    const at = rows.indexOf(document.activeElement as HTMLElement)
    const next = rows[at + by]
    if (at < 0 || !next) return
    event.preventDefault()
    next.focus()
  }
  return (
    <section class="list" aria-label="Conversations">
      <header class="bar">
        <h2 class="bar-title">Conversations</h2>
        <IconLink icon="plus" label="New conversation" href={to.new} />
      </header>
      {home.value === 'loading' && <p class="waiting">Loading …</p>}
      {home.value === 'failed' && <p class="waiting">The server does not answer. Trying again …</p>}
      {home.value === 'ready' && listed.value.length === 0 && <p class="list-none">They will stand here.</p>}
      <ul ref={element} onKeyDown={step}>
        {listed.value.map((each) => (
          <li key={each.id}>
            <Row of={each} />
          </li>
        ))}
      </ul>
    </section>
  )
}
