// A conversation that is open: its head, its messages, what one writes, and beside them what is about it.
import { useEffect, useMemo, useState } from 'preact/hooks'
import { client } from '../client'
import {
  DeleteMessageDocument,
  JoinConversationDocument,
  LeaveConversationDocument,
  SetPinnedDocument,
  SetReactionDocument,
} from '../generated/operations'
import { conversation as find, takeChange, takeSummary, viewerId, type Conversation } from '../state/conversations'
import { leaveTimeline, loadMarks, openTimeline, refetch } from '../state/history'
import { nameOf, person } from '../state/people'
import { go, to } from '../state/route'
import type { Message } from '../state/timeline'
import { Avatar } from '../ui/avatar'
import { Button, IconButton, IconLink, Note, otherErrors, useAction } from '../ui/controls'
import { Confirm } from '../ui/dialog'
import { Icon } from '../ui/icons'
import { ago } from '../ui/time'
import { About } from './about'
import { Composer, type Writing } from './composer'
import { titleOf, typingText } from './list'
import type { Actions } from './message-actions'
import { MessageList } from './message-list'
import { SearchIn } from './search'

interface Props {
  readonly id: string
  readonly panel: 'about' | 'search' | null
  readonly messageId: string | null
}

export function ConversationScreen({ id, panel, messageId }: Props) {
  const found = find(id)
  const [isMissing, setMissing] = useState(false)
  const { errors, run } = useAction()
  useEffect(() => {
    if (!found) void run(async () => setMissing(!(await refetch(id))))
  }, [id])
  if (!found) {
    const problem = otherErrors(errors)
    return (
      <div class="start">
        <div class="start-body">
          {problem && <Note>{problem}</Note>}
          {isMissing ? <Missing /> : !problem && <p class="waiting">Opening …</p>}
        </div>
      </div>
    )
  }
  if (found.state !== 'JOINED') return <Door of={found} />
  return <Talk of={found} panel={panel} messageId={messageId} />
}

const Missing = () => (
  <>
    <h1>Not here</h1>
    <p>There is no such conversation, or it is not yours to see. Who runs it can invite you.</p>
    <a class="button button-act" href={to.start}>
      To your conversations
    </a>
  </>
)

/** Before a group that one is invited to, or that is open to all. */
function Door({ of }: { of: Conversation }) {
  const { isBusy, errors, run } = useAction()
  const inviter = person(of.invitedById)
  const join = () =>
    void run(async () => {
      const { joinConversation } = await client.request(JoinConversationDocument, { id: of.id })
      if (joinConversation?.conversation) takeSummary(joinConversation.conversation)
      return joinConversation?.errors
    })
  const decline = () =>
    void run(async () => {
      const { leaveConversation } = await client.request(LeaveConversationDocument, { id: of.id })
      if (!leaveConversation?.errors.length) go(to.start, 'replace')
      return leaveConversation?.errors
    })
  const problem = otherErrors(errors)
  return (
    <div class="start">
      <a class="icon-button door-back" href={to.start} aria-label="Back">
        <Icon name="back" />
      </a>
      <div class="start-body door">
        <Avatar id={of.id} name={of.title} size="large" shape="group" />
        <h1>{of.title}</h1>
        {of.description && <p class="door-about">{of.description}</p>}
        <p class="door-facts">
          {of.memberCount} {of.memberCount === 1 ? 'person' : 'people'} · {of.onlineMemberCount} online
          {inviter && ` · ${inviter.displayName} invites you`}
        </p>
        {problem && <Note>{problem}</Note>}
        <div class="door-actions">
          <Button look="act" isBusy={isBusy} onClick={join}>
            {of.state === 'INVITED' ? 'Accept' : 'Join'}
          </Button>
          {of.state === 'INVITED' && <Button onClick={decline}>Decline</Button>}
        </div>
      </div>
    </div>
  )
}

function statusOf(of: Conversation): string {
  const typing = typingText(of)
  if (typing) return typing
  const peer = person(of.peerId)
  if (!peer) return `${of.memberCount} ${of.memberCount === 1 ? 'person' : 'people'} · ${of.onlineMemberCount} online`
  if (peer.isDeleted) return 'This account is gone'
  if (peer.isOnline) return 'Online'
  return peer.lastSeenAt ? `Seen ${ago(peer.lastSeenAt)}` : 'Offline'
}

function Talk({ of, panel, messageId }: { of: Conversation; panel: Props['panel']; messageId: string | null }) {
  const { id } = of
  const [writing, setWriting] = useState<Writing>({ as: 'new' })
  const [doomed, setDoomed] = useState<Message | null>(null)
  const { isBusy, errors, run, clear } = useAction()
  const title = titleOf(of)

  useEffect(() => {
    const isThere = messageId !== null && of.timeline.messages.some((each) => each.id === messageId)
    if (of.timeline.state === 'none' || (messageId && !isThere)) void openTimeline(id, messageId ?? undefined)
  }, [id, messageId])
  useEffect(() => {
    void loadMarks(id).catch(() => {})
    return () => leaveTimeline(id)
  }, [id])
  useEffect(() => {
    document.title = `${of.unread > 0 ? `(${of.unread}) ` : ''}${title} · natterjack`
  })

  const peer = person(of.peerId)
  const isGone = peer?.isDeleted ?? false
  const runs = of.role === 'OWNER' || of.role === 'ADMIN'
  const actions = useMemo<Actions>(() => {
    const changed = (payload: { readonly message: Message | null; readonly errors: readonly { code: string; message: string }[] } | null) => {
      if (payload?.message) takeChange(id, payload.message)
      return payload?.errors
    }
    return {
      react: (message, emoji, isOn) =>
        void run(async () => changed((await client.request(SetReactionDocument, { id: message.id, emoji, isOn })).setReaction)),
      pin: (message) =>
        void run(async () => changed((await client.request(SetPinnedDocument, { id: message.id, isPinned: !message.isPinned })).setPinned)),
      reply: (message) => setWriting({ as: 'reply', to: message }),
      edit: (message) => setWriting({ as: 'edit', of: message }),
      remove: setDoomed,
      jump: (found) => go(to.message(id, found)),
      may: { write: !isGone, removeOthers: runs, pin: of.kind === 'DIRECT' || runs },
    }
  }, [id, runs, isGone, of.kind])

  const remove = async () => {
    if (!doomed) return
    const isDone = await run(async () => {
      const { deleteMessage } = await client.request(DeleteMessageDocument, { id: doomed.id })
      if (deleteMessage?.message) takeChange(id, deleteMessage.message)
      return deleteMessage?.errors
    })
    if (isDone) setDoomed(null)
  }
  const editLast = () => {
    const last = of.timeline.messages.findLast(({ author, deletedAt, text }) => author?.id === viewerId.value && !deletedAt && text !== null)
    if (last) setWriting({ as: 'edit', of: last })
  }
  const problem = otherErrors(errors)
  return (
    <div class="talk" data-panel={panel !== null}>
      <section class="talk-main" aria-label={`Conversation with ${title}`}>
        <header class="bar talk-bar">
          <a class="icon-button phone-only" href={to.start} aria-label="Back to conversations">
            <Icon name="back" />
          </a>
          <a class="talk-who" href={to.about(id)}>
            <Avatar id={of.peerId ?? id} name={title} size="small" shape={of.kind === 'GROUP' ? 'group' : 'person'} />
            <span class="talk-names">
              <h1 class="bar-title">{title}</h1>
              <span class="talk-status">{statusOf(of)}</span>
            </span>
          </a>
          <IconLink icon="search" label="Search in this conversation" href={panel === 'search' ? to.conversation(id) : to.searchIn(id)} />
          <IconLink icon="info" label="About this conversation" href={panel === 'about' ? to.conversation(id) : to.about(id)} />
        </header>
        <MessageList key={id} conversation={of} actions={actions} messageId={messageId} />
        {problem && !doomed && (
          <div class="talk-problem">
            <Note>{problem}</Note>
            <IconButton icon="close" label="Close" onClick={clear} />
          </div>
        )}
        {isGone ? (
          <p class="composer-gone">This account is gone. What was said stays.</p>
        ) : (
          <Composer key={id} conversation={of} writing={writing} onWriting={setWriting} onEditLast={editLast} />
        )}
      </section>
      {panel === 'about' && <About of={of} />}
      {panel === 'search' && <SearchIn id={id} />}
      {doomed && (
        <Confirm title="Delete this message?" action="Delete" isBusy={isBusy} onClose={() => setDoomed(null)} onConfirm={() => void remove()}>
          <p class="dialog-quote">{doomed.text ?? 'Attachment'}</p>
          <p>It goes for everybody. Only its place stays.</p>
          {problem && <Note>{problem}</Note>}
        </Confirm>
      )}
      <Announcer of={of} />
    </div>
  )
}

/** Reads out what comes in, to those who do not see it. */
function Announcer({ of }: { of: Conversation }) {
  const [since] = useState(of.lastMessage?.seq ?? 0)
  const last = of.lastMessage
  const isHeard = last && last.seq > since && last.author && last.author.id !== viewerId.value && !last.deletedAt
  return (
    <div class="hidden" aria-live="polite">
      {isHeard && last.author ? `${nameOf(last.author)}: ${last.text ?? 'Attachment'}` : ''}
    </div>
  )
}
