// How to begin: find somebody, send a link, make a group, look at the rooms. What one sees first, and whenever nothing is open.
import { useEffect, useState } from 'preact/hooks'
import { client } from '../client'
import { OpenConversationDocument, PeopleDocument, type ProfileFragment } from '../generated/operations'
import { takeSummary, viewerId } from '../state/conversations'
import { meet, person, takeProfile } from '../state/people'
import { go, link, to } from '../state/route'
import { Avatar } from '../ui/avatar'
import { Button, Field, Note, otherErrors, useAction } from '../ui/controls'
import { Icon, Mark } from '../ui/icons'

const TYPED = 250

/** People whose names hold what is typed, once the typing pauses. */
export function usePeople(matching: string): { readonly people: readonly ProfileFragment[] | null; readonly error: string | null } {
  const [people, setPeople] = useState<readonly ProfileFragment[] | null>(null)
  const { errors, run } = useAction()
  useEffect(() => {
    const stop = new AbortController()
    if (!matching.trim()) return setPeople(null)
    const timer = setTimeout(() => {
      void run(async () => {
        const { users } = await client.request(PeopleDocument, { matching: matching.trim(), first: 12 }, { signal: stop.signal })
        if (stop.signal.aborted) return
        for (const each of users?.nodes ?? []) takeProfile(each)
        setPeople(users?.nodes ?? [])
      }, stop.signal)
    }, TYPED)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [matching])
  return { people, error: otherErrors(errors) }
}

export const PersonLine = ({ of }: { of: ProfileFragment }) => {
  const held = meet(of).value
  return (
    <>
      <Avatar id={held.id} name={held.displayName} />
      <span class="line-words">
        <span class="line-title">{held.displayName}</span>
        <span class="line-sub">{held.username ? `@${held.username}` : 'No username'}</span>
      </span>
    </>
  )
}

export function FindPeople({ autoFocus = false }: { autoFocus?: boolean }) {
  const [text, setText] = useState('')
  const { people, error } = usePeople(text)
  const { isBusy, errors, run } = useAction()
  const open = (userId: string) =>
    void run(async () => {
      const { openConversation } = await client.request(OpenConversationDocument, { with: { id: userId } })
      if (openConversation?.conversation) {
        takeSummary(openConversation.conversation)
        go(to.conversation(openConversation.conversation.id))
      }
      return openConversation?.errors
    })
  return (
    <div class="find">
      <Field
        label="Find somebody"
        placeholder="Their username or name"
        value={text}
        onValue={setText}
        type="search"
        autoComplete="off"
        autoCapitalize="none"
        spellcheck={false}
        autoFocus={autoFocus}
        error={error ?? otherErrors(errors) ?? undefined}
      />
      <div aria-live="polite">
        {people?.length === 0 && <p class="find-none">Nobody here goes by “{text.trim()}”. Send them your link instead.</p>}
        {people && people.length > 0 && (
          <ul class="lines" aria-label="People">
            {people.map((each) => (
              <li key={each.id}>
                <button type="button" class="line" disabled={isBusy} onClick={() => open(each.id)}>
                  <PersonLine of={each} />
                  <Icon name="chats" />
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  )
}

export function CopyLink({ address, label }: { address: string; label: string }) {
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(address)
      setCopied(true)
      setTimeout(() => setCopied(false), 2500)
    } catch {
      // No clipboard here: the address stands in the field to be taken by hand.
    }
  }
  return (
    <div class="copy">
      <input readOnly value={address} aria-label={label} onFocus={(event) => event.currentTarget.select()} />
      <Button onClick={() => void copy()}>
        <Icon name={isCopied ? 'check' : 'copy'} />
        <span aria-live="polite">{isCopied ? 'Copied' : 'Copy'}</span>
      </Button>
    </div>
  )
}

export function Start({ isFirst }: { isFirst: boolean }) {
  const self = person(viewerId.value)
  return (
    <div class="start">
      <div class="start-body">
        <Mark />
        <h1>{isFirst ? `Hello, ${self?.displayName ?? 'there'}.` : 'Who do you want to talk to?'}</h1>
        {isFirst && <p class="start-lead">Two ways to the first conversation:</p>}
        <FindPeople />
        {self?.username && (
          <section class="start-link">
            <h2>Or send somebody your link</h2>
            <p>Whoever opens it lands in a conversation with you.</p>
            <CopyLink address={link(to.with(self.username))} label="Your link" />
          </section>
        )}
        <nav class="start-more" aria-label="More ways to begin">
          <a class="button button-plain" href={to.group}>
            <Icon name="people" /> Make a group
          </a>
          <a class="button button-plain" href={to.rooms}>
            <Icon name="rooms" /> Public rooms
          </a>
        </nav>
      </div>
    </div>
  )
}

/** The link that somebody sent: opens the conversation with them. */
export function With({ username }: { username: string }) {
  const { errors, run } = useAction()
  useEffect(() => {
    void run(async () => {
      const { openConversation } = await client.request(OpenConversationDocument, { with: { username } })
      if (openConversation?.conversation) {
        takeSummary(openConversation.conversation)
        go(to.conversation(openConversation.conversation.id), 'replace')
      }
      return openConversation?.errors
    })
  }, [username])
  const problem = otherErrors(errors)
  return (
    <div class="start">
      <div class="start-body">
        {problem ? (
          <>
            <h1>No conversation with {username}</h1>
            <Note>{problem}</Note>
            <FindPeople />
          </>
        ) : (
          <p class="waiting">Opening the conversation with {username} …</p>
        )}
      </div>
    </div>
  )
}
