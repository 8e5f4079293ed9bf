// One message: who, what, what it answers, how people react, how far it has come.
import { memo } from 'preact/compat'
import type { Pending } from '../state/outbox'
import { discard, retry } from '../state/outbox'
import { meet, nameOf } from '../state/people'
import type { Message } from '../state/timeline'
import { Avatar } from '../ui/avatar'
import { Button } from '../ui/controls'
import { Icon } from '../ui/icons'
import { isEmojiAlone, OutsideLink, Text } from '../ui/text'
import { dayName, dayOf, fullTime, timeOfDay } from '../ui/time'
import { MessageActions, type Actions } from './message-actions'
import { noticeText } from './notice'

/** How far an own message has come with the others. */
export type Progress = 'sent' | 'delivered' | 'read'

export interface MessageProps {
  readonly message: Message
  readonly previous: Message | null
  readonly isOwn: boolean
  readonly isGroup: boolean
  readonly isActive: boolean
  readonly isTabStop: boolean
  readonly isFound: boolean
  readonly isNewFrom: boolean
  readonly progress: Progress | null
  readonly actions: Actions
}

const TOGETHER = 5 * 60_000

/** Whether it goes on what the one before it has begun: the same person, shortly after, with nothing between. */
function continues({ message, previous, isNewFrom }: MessageProps): boolean {
  if (!previous || isNewFrom || previous.notice || message.notice || message.replyTo) return false
  if (previous.author?.id !== message.author?.id) return false
  return Date.parse(message.createdAt) - Date.parse(previous.createdAt) < TOGETHER && dayOf(previous.createdAt) === dayOf(message.createdAt)
}

const PROGRESS: Record<Progress, { readonly icon: 'check' | 'checks'; readonly label: string }> = {
  sent: { icon: 'check', label: 'Sent' },
  delivered: { icon: 'checks', label: 'Delivered' },
  read: { icon: 'checks', label: 'Read' },
}

export const MessageRow = memo((props: MessageProps) => {
  const { message, previous, isNewFrom } = props
  const startsDay = !previous || dayOf(previous.createdAt) !== dayOf(message.createdAt)
  return (
    <>
      {startsDay && (
        <p class="day">
          <span>{dayName(message.createdAt)}</span>
        </p>
      )}
      {isNewFrom && (
        <p class="new-from">
          <span>New</span>
        </p>
      )}
      {message.notice ? (
        <p class="notice" data-seq={message.seq}>
          {noticeText(message)}
          <time dateTime={message.createdAt}> · {timeOfDay(message.createdAt)}</time>
        </p>
      ) : (
        <Said {...props} />
      )}
    </>
  )
})

function Said(props: MessageProps) {
  const { message, isOwn, isGroup, isActive, isTabStop, isFound, progress, actions } = props
  const goesOn = continues(props)
  const author = message.author
  const name = author ? nameOf(author) : 'Somebody'
  const text = message.deletedAt ? null : message.text
  return (
    <article
      class="message"
      data-seq={message.seq}
      data-id={message.id}
      data-own={isOwn}
      data-goes-on={goesOn}
      data-found={isFound}
      data-active={isActive}
      tabIndex={isTabStop ? 0 : -1}
      aria-label={`${isOwn ? 'You' : name}, ${timeOfDay(message.createdAt)}: ${message.deletedAt ? 'message deleted' : (text ?? 'attachment')}`}
    >
      {isGroup && !isOwn && (goesOn ? <span class="message-indent" /> : <Avatar id={author?.id ?? ''} name={name} size="small" />)}
      <div class="message-stack">
        {isGroup && !isOwn && !goesOn && <span class="message-author">{name}</span>}
        <div class="bubble" data-deleted={message.deletedAt !== null} data-alone={text !== null && isEmojiAlone(text) && !message.replyTo}>
          {message.replyTo && <Quoted of={message.replyTo} onOpen={() => actions.jump(message.replyTo!.id)} />}
          {message.deletedAt ? (
            <span class="bubble-text">Message deleted</span>
          ) : (
            <>
              {text !== null && (
                <span class="bubble-text">
                  <Text text={text} />
                </span>
              )}
              {message.attachments.map(({ url, name: called }) => (
                <OutsideLink key={url} href={url}>
                  <Icon name="link" /> {called ?? url}
                </OutsideLink>
              ))}
            </>
          )}
          <span class="bubble-meta">
            {message.isPinned && (
              <span title="Pinned">
                <Icon name="pin" />
                <span class="hidden">Pinned</span>
              </span>
            )}
            {message.editedAt && !message.deletedAt && <span title={fullTime(message.editedAt)}>edited</span>}
            <time dateTime={message.createdAt} title={fullTime(message.createdAt)}>
              {timeOfDay(message.createdAt)}
            </time>
            {progress && (
              <span class="progress" data-progress={progress} title={PROGRESS[progress].label}>
                <Icon name={PROGRESS[progress].icon} />
                <span class="hidden">{PROGRESS[progress].label}</span>
              </span>
            )}
          </span>
        </div>
        {message.reactions.length > 0 && (
          <div class="reactions" role="group" aria-label="Reactions">
            {message.reactions.map(({ emoji, count, isByViewer }) => (
              <button
                type="button"
                key={emoji}
                class="reaction"
                aria-pressed={isByViewer}
                aria-label={`${emoji} ${count}`}
                onClick={() => actions.react(message, emoji, !isByViewer)}
              >
                <span aria-hidden="true">{emoji}</span>
                <span aria-hidden="true">{count}</span>
              </button>
            ))}
          </div>
        )}
      </div>
      {isActive && !message.deletedAt && <MessageActions message={message} isOwn={isOwn} actions={actions} />}
    </article>
  )
}

const Quoted = ({ of, onOpen }: { of: NonNullable<Message['replyTo']>; onOpen: () => void }) => (
  <button type="button" class="quoted" onClick={onOpen}>
    <span class="quoted-author">{of.author ? nameOf(of.author) : 'Somebody'}</span>
    <span class="quoted-text">{of.deletedAt ? 'Message deleted' : (of.text ?? 'Attachment')}</span>
  </button>
)

/** What is not seen to be stored yet, in the place in which it will stand. */
export const PendingRow = ({ pending }: { pending: Pending }) => (
  <article class="message" data-own data-goes-on={false} data-pending={pending.state} tabIndex={-1} aria-label={`You: ${pending.text}`}>
    <div class="message-stack">
      <div class="bubble">
        {pending.replyTo && (
          <span class="quoted">
            <span class="quoted-author">{pending.replyTo.author ? meet(pending.replyTo.author).value.displayName : 'Somebody'}</span>
            <span class="quoted-text">{pending.replyTo.text}</span>
          </span>
        )}
        <span class="bubble-text">
          <Text text={pending.text} />
        </span>
        <span class="bubble-meta">
          <span class="progress" title={pending.state === 'failed' ? 'Not sent' : 'Sending'}>
            <Icon name={pending.state === 'failed' ? 'alert' : pending.state === 'stored' ? 'check' : 'clock'} />
            <span class="hidden">{pending.state === 'failed' ? 'Not sent' : pending.state === 'stored' ? 'Sent' : 'Sending'}</span>
          </span>
        </span>
      </div>
      {pending.state === 'failed' && (
        <div class="pending-failed" role="alert">
          <span>Not sent. {pending.problem}</span>
          <Button look="quiet" onClick={() => retry(pending)}>
            Try again
          </Button>
          <Button look="quiet" onClick={() => discard(pending.clientId)}>
            Discard
          </Button>
        </div>
      )}
    </div>
  </article>
)

