// The groups that anybody may find and join.
import { useEffect, useState } from 'preact/hooks'
import { client } from '../client'
import { PublicRoomsDocument, type PublicRoomsQuery } from '../generated/operations'
import { to } from '../state/route'
import { Avatar } from '../ui/avatar'
import { Button, Field, Note, otherErrors, useAction } from '../ui/controls'
import { Icon } from '../ui/icons'
import { Screen } from './screen'

type Room = NonNullable<PublicRoomsQuery['publicConversations']>['nodes'][number]

const PAGE = 30
const PAUSE = 250

export function Rooms() {
  const [text, setText] = useState('')
  const [rooms, setRooms] = useState<readonly Room[] | null>(null)
  const [after, setAfter] = useState<string | null>(null)
  const { isBusy, errors, run } = useAction()

  const load = async (matching: string, from: string | null, signal?: AbortSignal) => {
    const variables = { matching: matching.trim() || null, first: PAGE, after: from }
    const { publicConversations: page } = await client.request(PublicRoomsDocument, variables, signal ? { signal } : {})
    if (signal?.aborted) return
    setRooms((before) => [...(from ? (before ?? []) : []), ...(page?.nodes ?? [])])
    setAfter(page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null)
  }
  useEffect(() => {
    const stop = new AbortController()
    const timer = setTimeout(() => void run(() => load(text, null, stop.signal), stop.signal), rooms ? PAUSE : 0)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [text])

  const problem = otherErrors(errors)
  return (
    <Screen
      title="Rooms"
      actions={
        <a class="button button-plain" href={to.group}>
          <Icon name="plus" /> New
        </a>
      }
    >
      <Field label="Find a room" placeholder="A part of its name" type="search" value={text} onValue={setText} autoComplete="off" />
      {problem && <Note>{problem}</Note>}
      {rooms?.length === 0 && <p class="none">{text.trim() ? `No room is called “${text.trim()}”.` : 'There is no public room yet. Make the first one.'}</p>}
      <ul class="lines rooms" aria-label="Public rooms">
        {rooms?.map(({ id, title, description, memberCount, onlineMemberCount, viewerMembership }) => (
          <li key={id}>
            <a class="line" href={to.conversation(id)}>
              <Avatar id={id} name={title} shape="group" />
              <span class="line-words">
                <span class="line-title">{title}</span>
                {description && <span class="line-sub">{description}</span>}
                <span class="line-sub">
                  {memberCount} {memberCount === 1 ? 'person' : 'people'} · {onlineMemberCount} online
                </span>
              </span>
              {viewerMembership?.state === 'JOINED' ? <span class="tag">Joined</span> : <span class="tag tag-act">Look in</span>}
            </a>
          </li>
        ))}
      </ul>
      {after && (
        <Button isBusy={isBusy} onClick={() => void run(() => load(text, after))}>
          More
        </Button>
      )}
    </Screen>
  )
}
