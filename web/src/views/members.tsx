// Who is in a group, and who says so.
import { useEffect, useState } from 'preact/hooks'
import { client } from '../client'
import {
  AddMembersDocument,
  InviteMembersDocument,
  MembersDocument,
  RemoveMemberDocument,
  SetRoleDocument,
  type MemberPartsFragment,
  type MembershipState,
  type Role,
} from '../generated/operations'
import { takeFace, viewerId, type Conversation } from '../state/conversations'
import { meet, takeProfile } from '../state/people'
import { Avatar } from '../ui/avatar'
import { Button, Field, IconButton, Note, otherErrors, useAction } from '../ui/controls'
import { Icon } from '../ui/icons'
import { roleName } from './notice'
import { PersonLine, usePeople } from './start'

const PAGE = 50
const ABOVE: Record<Role, number> = { OWNER: 2, ADMIN: 1, MEMBER: 0 }

type Member = MemberPartsFragment

export function Members({ of }: { of: Conversation }) {
  const [joined, setJoined] = useState<readonly Member[]>([])
  const [invited, setInvited] = useState<readonly Member[]>([])
  const [after, setAfter] = useState<string | null>(null)
  const [isAdding, setAdding] = useState(false)
  const { errors, run } = useAction()
  const runs = of.role === 'OWNER' || of.role === 'ADMIN'

  const fetch = async (state: MembershipState, from: string | null) => {
    const { conversation } = await client.request(MembersDocument, { id: of.id, first: PAGE, after: from, state })
    for (const { user } of conversation?.members?.nodes ?? []) takeProfile(user)
    return conversation?.members
  }
  const load = () =>
    run(async () => {
      const [page, waiting] = await Promise.all([fetch('JOINED', null), runs ? fetch('INVITED', null) : null])
      setJoined(page?.nodes ?? [])
      setAfter(page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null)
      setInvited(waiting?.nodes ?? [])
    })
  const more = () =>
    void run(async () => {
      const page = await fetch('JOINED', after)
      setJoined([...joined, ...(page?.nodes ?? [])])
      setAfter(page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null)
    })
  // Who comes, goes or changes roles is told by the log's latest notice.
  const told = of.lastMessage?.notice ? of.lastMessage.id : null
  useEffect(() => void load(), [of.id, of.memberCount, of.role, told])

  const setRole = (userId: string, role: Role) =>
    void run(async () => {
      const { setRole } = await client.request(SetRoleDocument, { id: of.id, userId, role })
      if (setRole?.conversation) takeFace(setRole.conversation)
      return setRole?.errors
    })
  const remove = (userId: string) =>
    void run(async () => {
      const { removeMember } = await client.request(RemoveMemberDocument, { id: of.id, userId })
      if (removeMember?.conversation) takeFace(removeMember.conversation)
      if (!removeMember?.errors.length) setInvited(invited.filter(({ user }) => user.id !== userId))
      return removeMember?.errors
    })
  const problem = otherErrors(errors)
  const line = (member: Member) => {
    const held = meet(member.user).value
    const isBelow = of.role !== null && ABOVE[of.role] > ABOVE[member.role]
    return (
      <li key={member.id} class="line member">
        <Avatar id={held.id} name={held.displayName} size="small" />
        <span class="line-words">
          <span class="line-title">
            {held.displayName}
            {held.id === viewerId.value && ' (you)'}
          </span>
          <span class="line-sub">{member.state === 'INVITED' ? 'Invited' : roleName(member.role)}</span>
        </span>
        {of.role === 'OWNER' && isBelow && member.state === 'JOINED' && (
          <select
            aria-label={`Role of ${held.displayName}`}
            value={member.role}
            onChange={(event) => setRole(held.id, event.currentTarget.value as Role)}
          >
            {(['MEMBER', 'ADMIN', 'OWNER'] as const).map((role) => (
              <option key={role} value={role}>
                {roleName(role)}
              </option>
            ))}
          </select>
        )}
        {isBelow && <IconButton icon="close" label={`Take ${held.displayName} out`} onClick={() => remove(held.id)} />}
      </li>
    )
  }
  return (
    <section class="panel-part">
      <h3>
        {of.memberCount} {of.memberCount === 1 ? 'person' : 'people'}
      </h3>
      {problem && <Note>{problem}</Note>}
      {runs && !isAdding && (
        <Button onClick={() => setAdding(true)}>
          <Icon name="plus" /> Add people
        </Button>
      )}
      {isAdding && <AddPeople of={of} onDone={() => (setAdding(false), void load())} />}
      <ul class="lines">
        {joined.map(line)}
        {invited.map(line)}
      </ul>
      {after && <Button onClick={more}>More</Button>}
    </section>
  )
}

function AddPeople({ of, onDone }: { of: Conversation; onDone: () => void }) {
  const [text, setText] = useState('')
  const { people, error } = usePeople(text)
  const { isBusy, errors, run } = useAction()
  const add = (userId: string, how: 'add' | 'invite') =>
    void run(async () => {
      const variables = { id: of.id, userIds: [userId] }
      const payload =
        how === 'add'
          ? (await client.request(AddMembersDocument, variables)).addMembers
          : (await client.request(InviteMembersDocument, variables)).inviteMembers
      if (payload?.conversation) takeFace(payload.conversation)
      if (!payload?.errors.length) setText('')
      return payload?.errors
    })
  return (
    <div class="find">
      <Field
        label="Add people"
        placeholder="Their username or name"
        type="search"
        value={text}
        onValue={setText}
        autoFocus
        error={error ?? otherErrors(errors) ?? undefined}
      />
      {people && (
        <ul class="lines" aria-label="People">
          {people.map((each) => (
            <li key={each.id} class="line">
              <PersonLine of={each} />
              <Button isBusy={isBusy} onClick={() => add(each.id, 'add')}>
                Add
              </Button>
              <Button look="quiet" isBusy={isBusy} onClick={() => add(each.id, 'invite')}>
                Invite
              </Button>
            </li>
          ))}
          {people.length === 0 && <li class="find-none">Nobody goes by that.</li>}
        </ul>
      )}
      <Button look="quiet" onClick={onDone}>
        Done
      </Button>
    </div>
  )
}
