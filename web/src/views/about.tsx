// What is beside a conversation: who is in it, what it is called, and what may be done with it.
import { useEffect, useState } from 'preact/hooks'
import { client } from '../client'
import {
  DeleteConversationDocument,
  LeaveConversationDocument,
  PinnedDocument,
  SetBlockedDocument,
  SetMutedDocument,
  UpdateGroupDocument,
  type PinnedQuery,
} from '../generated/operations'
import { forget, takeFace, type Conversation } from '../state/conversations'
import { nameOf, person, takeProfile, type Person } from '../state/people'
import { go, link, to } from '../state/route'
import { Avatar } from '../ui/avatar'
import { Area, Button, Field, IconLink, Note, onSubmit, otherErrors, useAction } from '../ui/controls'
import { Confirm } from '../ui/dialog'
import { Icon } from '../ui/icons'
import { ago, date } from '../ui/time'
import { titleOf } from './list'
import { Members } from './members'
import { CopyLink } from './start'

export function About({ of }: { of: Conversation }) {
  const peer = person(of.peerId)
  const runs = of.role === 'OWNER' || of.role === 'ADMIN'
  const [isEditing, setEditing] = useState(false)
  return (
    <aside class="panel" aria-label={`About ${titleOf(of)}`}>
      <header class="bar">
        <h2 class="bar-title">{of.kind === 'GROUP' ? 'About this group' : 'About'}</h2>
        <IconLink icon="close" label="Close" href={to.conversation(of.id)} />
      </header>
      <div class="panel-body">
        <div class="panel-face">
          <Avatar id={of.peerId ?? of.id} name={titleOf(of)} size="large" shape={of.kind === 'GROUP' ? 'group' : 'person'} />
          <h3>{titleOf(of)}</h3>
          {peer ? <PeerFacts of={peer} /> : <p>{`${of.visibility === 'PUBLIC' ? 'Public room' : 'Private group'} · since ${date(of.createdAt)}`}</p>}
          {of.description && !isEditing && <p class="panel-about">{of.description}</p>}
          {runs && !isEditing && (
            <Button onClick={() => setEditing(true)}>
              <Icon name="edit" /> Edit
            </Button>
          )}
        </div>
        {isEditing && <EditGroup of={of} onDone={() => setEditing(false)} />}
        {of.kind === 'GROUP' && of.visibility === 'PUBLIC' && (
          <section class="panel-part">
            <h3>Link to this room</h3>
            <CopyLink address={link(to.conversation(of.id))} label="Link to this room" />
          </section>
        )}
        <Pinned of={of} />
        {of.kind === 'GROUP' && <Members of={of} />}
        <Doings of={of} peer={peer} />
      </div>
    </aside>
  )
}

const PeerFacts = ({ of }: { of: Person }) => (
  <>
    {of.username && <p>@{of.username}</p>}
    <p>{of.isOnline ? 'Online' : of.lastSeenAt ? `Seen ${ago(of.lastSeenAt)}` : 'Offline'}</p>
    {of.about && <p class="panel-about">{of.about}</p>}
  </>
)

function EditGroup({ of, onDone }: { of: Conversation; onDone: () => void }) {
  const [name, setName] = useState(of.name ?? '')
  const [description, setDescription] = useState(of.description ?? '')
  const [isPublic, setPublic] = useState(of.visibility === 'PUBLIC')
  const { isBusy, errors, run } = useAction()
  const save = async () => {
    const input = {
      conversationId: of.id,
      name: name.trim(),
      description: description.trim() || null,
      visibility: isPublic ? ('PUBLIC' as const) : ('PRIVATE' as const),
    }
    const isDone = await run(async () => {
      const { updateConversation } = await client.request(UpdateGroupDocument, { input })
      if (updateConversation?.conversation) takeFace(updateConversation.conversation)
      return updateConversation?.errors
    })
    if (isDone) onDone()
  }
  const other = otherErrors(errors, 'name', 'description')
  return (
    <form class="panel-part" onSubmit={onSubmit(() => void save())}>
      <Field label="Name" value={name} onValue={setName} error={errors['name']} maxLength={200} />
      <Area label="What it is about" value={description} onValue={setDescription} error={errors['description']} />
      <VisibilityChoice isPublic={isPublic} onChoice={setPublic} />
      {other && <Note>{other}</Note>}
      <div class="form-actions">
        <Button onClick={onDone}>Cancel</Button>
        <Button look="act" type="submit" isBusy={isBusy}>
          Save
        </Button>
      </div>
    </form>
  )
}

export const VisibilityChoice = ({ isPublic, onChoice }: { isPublic: boolean; onChoice: (isPublic: boolean) => void }) => (
  <label class="check">
    <input type="checkbox" checked={isPublic} onChange={(event) => onChoice(event.currentTarget.checked)} />
    <span>
      <strong>Anybody may find and join it</strong>
      <span>It stands among the public rooms.</span>
    </span>
  </label>
)

type PinnedMessage = NonNullable<NonNullable<PinnedQuery['conversation']>['pinnedMessages']>['nodes'][number]

function Pinned({ of }: { of: Conversation }) {
  const [pinned, setPinned] = useState<readonly PinnedMessage[]>([])
  const pinnedHere = of.timeline.messages.reduce((count, { isPinned }) => count + Number(isPinned), 0)
  useEffect(() => {
    let isHere = true
    void client
      .request(PinnedDocument, { id: of.id })
      .then(({ conversation }) => isHere && setPinned(conversation?.pinnedMessages?.nodes ?? []))
      .catch(() => {})
    return () => void (isHere = false)
  }, [of.id, pinnedHere])
  if (pinned.length === 0) return null
  return (
    <section class="panel-part">
      <h3>Pinned</h3>
      <ul class="lines">
        {pinned.map(({ id, text, author }) => (
          <li key={id}>
            <a class="line" href={to.message(of.id, id)}>
              <Icon name="pin" />
              <span class="line-words">
                <span class="line-title">{author ? nameOf(author) : 'Somebody'}</span>
                <span class="line-sub">{text ?? 'Attachment'}</span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Doings({ of, peer }: { of: Conversation; peer: Person | null }) {
  const [asked, setAsked] = useState<'leave' | 'delete' | null>(null)
  const { isBusy, errors, run } = useAction()
  const mute = () =>
    void run(async () => {
      const { setMuted } = await client.request(SetMutedDocument, { id: of.id, isMuted: !of.isMuted })
      if (setMuted?.conversation) takeFace(setMuted.conversation)
      return setMuted?.errors
    })
  const block = () =>
    void run(async () => {
      if (!peer) return
      const { setBlocked } = await client.request(SetBlockedDocument, { userId: peer.id, isBlocked: !peer.isBlockedByViewer })
      if (setBlocked?.user) takeProfile(setBlocked.user)
      return setBlocked?.errors
    })
  const end = () =>
    void run(async () => {
      const problems =
        asked === 'delete'
          ? (await client.request(DeleteConversationDocument, { id: of.id })).deleteConversation?.errors
          : (await client.request(LeaveConversationDocument, { id: of.id })).leaveConversation?.errors
      if (problems && problems.length > 0) return problems
      go(to.start, 'replace')
      forget(of.id)
    })
  const problem = otherErrors(errors)
  return (
    <section class="panel-part panel-doings" aria-label="What to do">
      {problem && <Note>{problem}</Note>}
      <Button onClick={mute} aria-pressed={of.isMuted}>
        <Icon name={of.isMuted ? 'bell' : 'mute'} /> {of.isMuted ? 'Notify me again' : 'Mute'}
      </Button>
      {peer && !peer.isDeleted && (
        <Button look="alert" onClick={block}>
          {peer.isBlockedByViewer ? `Unblock ${peer.displayName}` : `Block ${peer.displayName}`}
        </Button>
      )}
      {of.kind === 'GROUP' && (
        <Button onClick={() => setAsked('leave')}>
          <Icon name="out" /> Leave
        </Button>
      )}
      {of.role === 'OWNER' && (
        <Button look="alert" onClick={() => setAsked('delete')}>
          <Icon name="bin" /> Delete the group
        </Button>
      )}
      {asked && (
        <Confirm
          title={asked === 'delete' ? `Delete “${of.title}”?` : `Leave “${of.title}”?`}
          action={asked === 'delete' ? 'Delete' : 'Leave'}
          isBusy={isBusy}
          onClose={() => setAsked(null)}
          onConfirm={end}
        >
          <p>
            {asked === 'delete'
              ? 'It goes with all its messages, for everybody. This cannot be undone.'
              : of.role === 'OWNER'
                ? 'Another will own it after you.'
                : of.visibility === 'PUBLIC'
                  ? 'You can come back at any time.'
                  : 'To come back you must be invited.'}
          </p>
        </Confirm>
      )}
    </section>
  )
}
