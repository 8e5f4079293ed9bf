// The messages of a conversation, however many: what is far from what is seen is not drawn. Whatever changes, what one reads stays where it
// is; who is at the end stays at the end.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { viewerId, type Conversation } from '../state/conversations'
import { loadNewer, loadOlder, openTimeline } from '../state/history'
import { markRead } from '../state/marks'
import { outbox } from '../state/outbox'
import { person } from '../state/people'
import { go, to } from '../state/route'
import { Button, IconButton } from '../ui/controls'
import type { Actions } from './message-actions'
import { Chunk, chunksOf } from './message-chunk'
import { PendingRow } from './message'
import { typingText } from './list'
import { useMessageWindow, type MessageWindow } from './message-window'
import { captureAnchor, isAtEnd, restoreAnchor, type Anchor } from './scrolling'

interface Props {
  readonly conversation: Conversation
  readonly actions: Actions
  readonly messageId: string | null
}

// How near the edge of what is held pages are fetched, in pixels.
const FETCH_AT = 1600

export function MessageList({ conversation, actions, messageId }: Props) {
  const { id, timeline } = conversation
  const { messages } = timeline
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const top = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const [isAway, setAway] = useState(false)
  const [activeId, setActive] = useState<string | null>(null)
  const [stopId, setStop] = useState<string | null>(null)
  // Where the unread began when the conversation was opened.
  const [newFrom] = useState(() => (conversation.unread > 0 ? conversation.readSeq : null))

  const chunks = useMemo(() => chunksOf(messages), [messages])
  const drawn = useMessageWindow(chunks)
  const pending = outbox.value.filter((each) => each.conversationId === id)
  const marks = conversation.marks
  const others = useMemo(() => [...marks.values()], [marks])
  const progressTo = useMemo(
    () => ({
      read: others.length > 0 ? Math.min(...others.map(({ readSeq }) => readSeq)) : 0,
      delivered: others.length > 0 ? Math.min(...others.map(({ deliveredSeq }) => deliveredSeq)) : 0,
    }),
    [others],
  )
  const newFromId = useMemo(
    () =>
      newFrom === null ? null : (messages.find(({ seq, author }) => seq > newFrom && author && author.id !== viewerId.value)?.id ?? null),
    [messages, newFrom],
  )

  // Read before anything is drawn anew: where what is seen stands now.
  const growsAtEnd = useRef(true)
  const anchor = useRef<Anchor | null>(null)
  anchor.current = scroller.current && captureAnchor(scroller.current, growsAtEnd.current)
  useLayoutEffect(() => {
    if (content.current) drawn.measure(content.current)
    if (scroller.current && anchor.current) restoreAnchor(scroller.current, anchor.current)
    // What is let go is not to be held by it.
    anchor.current = null
    growsAtEnd.current = timeline.after === null
  })

  useFoundMessage(scroller, drawn, messageId, atEnd)

  const look = () => {
    const element = scroller.current
    if (!element || !top.current) return
    drawn.look(element, top.current)
    atEnd.current = timeline.after === null && isAtEnd(element)
    setAway(!atEnd.current)
    if (timeline.before && element.scrollTop < FETCH_AT) void loadOlder(id).catch(() => {})
    if (timeline.after && element.scrollHeight - element.scrollTop - element.clientHeight < FETCH_AT) void loadNewer(id).catch(() => {})
    const last = messages.at(-1)
    if (last && atEnd.current && document.hasFocus() && !document.hidden) markRead(id, last)
  }
  useEffect(look)
  useEffect(() => {
    addEventListener('focus', look)
    return () => removeEventListener('focus', look)
  })

  // What grows by itself (a window made narrower, a font that comes late) leaves who is at the end there.
  useEffect(() => {
    const element = scroller.current
    if (!element || !content.current) return
    const observer = new ResizeObserver(() => {
      if (atEnd.current) element.scrollTop = element.scrollHeight
    })
    observer.observe(element)
    observer.observe(content.current)
    return () => observer.disconnect()
  }, [timeline.state])

  const focusMessage = (step: number) => {
    const rows = [...(content.current?.querySelectorAll<HTMLElement>('article[data-id]') ?? [])]
    const at = rows.findIndex((row) => row.contains(document.activeElement))
    const next = rows[at < 0 ? rows.length - 1 : Math.max(0, at + step)]
    next?.focus()
  }
  const keys = (event: KeyboardEvent) => {
    const { target } = event
    if (!(target instanceof HTMLElement) || !target.matches('article')) {
      if (event.key === 'Escape') (target as HTMLElement).closest('article')?.focus()
      return
    }
    if (event.key === 'ArrowUp') focusMessage(-1)
    else if (event.key === 'ArrowDown') focusMessage(1)
    else if (event.key === 'Enter') target.querySelector<HTMLElement>('.message-actions button')?.focus()
    else return
    event.preventDefault()
  }
  const activate = (event: Event) => {
    const found = (event.target as Element).closest?.('article[data-id]')?.getAttribute('data-id') ?? null
    setActive(found)
    if (event.type === 'focusin' && found) setStop(found)
  }

  if (timeline.state === 'failed') {
    return (
      <div class="messages-none">
        <p>The messages could not be fetched.</p>
        <Button onClick={() => void openTimeline(id)}>Try again</Button>
      </div>
    )
  }
  const lastId = messages.at(-1)?.id ?? null
  const stop = stopId && messages.some((each) => each.id === stopId) ? stopId : lastId
  const typing = typingText(conversation)
  return (
    <div class="messages-place">
      <div
        ref={scroller}
        class="messages"
        role="log"
        aria-live="off"
        aria-label="Messages"
        aria-busy={timeline.state === 'loading'}
        onScroll={look}
        onKeyDown={keys}
        onPointerOver={(event) => event.pointerType === 'mouse' && activate(event)}
        onPointerLeave={(event) => event.pointerType === 'mouse' && setActive(null)}
        onClick={activate}
        onFocusIn={activate}
      >
        <div ref={content} class="messages-content">
          {timeline.before !== null && <p class="messages-more">Loading what was said before …</p>}
          {timeline.state === 'ready' && timeline.before === null && <Beginning of={conversation} />}
          <div class="messages-held">
            <div ref={top} style={{ height: `${drawn.above}px` }} />
            {drawn.shown.map((chunk) => (
              <Chunk
                key={chunk.key}
                chunk={chunk}
                isGroup={conversation.kind === 'GROUP'}
                viewer={viewerId.value}
                activeId={chunk.holds(activeId) ? activeId : null}
                stopId={chunk.holds(stop) ? stop : null}
                foundId={chunk.holds(messageId) ? messageId : null}
                newFromId={chunk.holds(newFromId) ? newFromId : null}
                progress={chunk.hasOwn(viewerId.value) ? progressTo : null}
                actions={actions}
              />
            ))}
            <div style={{ height: `${drawn.below}px` }} />
          </div>
          {timeline.after === null && pending.map((each) => <PendingRow key={each.clientId} pending={each} />)}
          {typing && timeline.after === null && (
            <p class="typing">
              <span class="typing-dots" aria-hidden="true">
                <i />
                <i />
                <i />
              </span>
              {conversation.kind === 'DIRECT' ? `${person(conversation.peerId)?.displayName ?? 'Somebody'} is typing …` : typing}
            </p>
          )}
        </div>
      </div>
      {isAway && timeline.state === 'ready' && (
        <div class="to-end">
          <IconButton
            icon="down"
            label={conversation.unread > 0 ? `To the latest, ${conversation.unread} unread` : 'To the latest'}
            onClick={() => {
              if (messageId) go(to.conversation(id), 'replace')
              atEnd.current = true
              if (timeline.after !== null) void openTimeline(id)
              else if (scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight
            }}
          />
        </div>
      )}
    </div>
  )
}

const Beginning = ({ of }: { of: Conversation }) => (
  <p class="beginning">
    {of.kind === 'DIRECT'
      ? `This is where you and ${person(of.peerId)?.displayName ?? of.title} begin. Say hello.`
      : `This is where “${of.title}” begins.`}
  </p>
)

/** Scrolls to the message that the address names, once it is here: first to about where it is, so that it is drawn. */
function useFoundMessage(
  scroller: { readonly current: HTMLDivElement | null },
  drawn: MessageWindow,
  messageId: string | null,
  atEnd: { current: boolean },
): void {
  const done = useRef<string | null>(null)
  useLayoutEffect(() => {
    const element = scroller.current
    if (!messageId) done.current = null
    if (!element || !messageId || done.current === messageId) return
    const offset = drawn.offsetOf(messageId)
    if (offset === null) return
    atEnd.current = false
    const found = element.querySelector<HTMLElement>(`article[data-id="${CSS.escape(messageId)}"]`)
    if (!found) {
      element.scrollTop = offset
      return
    }
    done.current = messageId
    found.scrollIntoView({ block: 'center' })
    found.focus({ preventScroll: true })
  })
}
