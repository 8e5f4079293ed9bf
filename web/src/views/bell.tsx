// What concerns the viewer. Looking at it is seeing it.
import { useEffect } from 'preact/hooks'
import type { NotificationKind } from '../generated/operations'
import { load, loadMore, markAllSeen, moreAfter, notifications, unseen, type Notification } from '../state/notifications'
import { nameOf } from '../state/people'
import { to } from '../state/route'
import { Avatar } from '../ui/avatar'
import { Button, Note, otherErrors, useAction } from '../ui/controls'
import { brief } from '../ui/time'
import { Screen } from './screen'

const WHAT: Record<NotificationKind, string> = {
  ANNOUNCEMENT: 'Announcement',
  DIRECT_MESSAGE: 'wrote to you',
  INVITATION: 'invites you',
  MENTION: 'mentioned you',
  REACTION: 'reacted to what you said',
  REPLY: 'answered you',
}

const hrefOf = ({ conversation, message }: Notification): string =>
  conversation ? (message ? to.message(conversation.id, message.id) : to.conversation(conversation.id)) : to.bell

function Line({ of }: { of: Notification }) {
  const who = of.actor ? nameOf(of.actor) : 'natterjack'
  return (
    <a class="line" href={hrefOf(of)} data-unseen={of.seenAt === null}>
      <Avatar id={of.actor?.id ?? 'natterjack'} name={who} size="small" />
      <span class="line-words">
        <span class="line-title">
          {who} <span class="line-where">{WHAT[of.kind]}{of.kind !== 'DIRECT_MESSAGE' && of.conversation ? ` in ${of.conversation.title}` : ''}</span>
        </span>
        <span class="line-sub">{of.text ?? of.message?.text ?? ''}</span>
      </span>
      <time dateTime={of.createdAt}>{brief(of.createdAt)}</time>
    </a>
  )
}

export function Bell() {
  const { isBusy, errors, run } = useAction()
  const held = notifications.value
  const count = unseen.value
  useEffect(() => void run(load), [])
  const problem = otherErrors(errors)
  return (
    <Screen title="Notifications" actions={count > 0 && <Button isBusy={isBusy} onClick={() => void run(markAllSeen).then(load)}>Mark all seen</Button>}>
      {problem && <Note>{problem}</Note>}
      {held?.length === 0 && <p class="none">Nothing yet. Mentions, answers, reactions and invitations come here.</p>}
      <ul class="lines" aria-label="Notifications">
        {held?.map((each) => (
          <li key={each.id}>
            <Line of={each} />
          </li>
        ))}
      </ul>
      {moreAfter.value && (
        <Button isBusy={isBusy} onClick={() => void run(loadMore)}>
          More
        </Button>
      )}
    </Screen>
  )
}
