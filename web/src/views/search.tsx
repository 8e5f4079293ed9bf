// Words that were said: in all conversations, or in one.
import { useEffect, useState } from 'preact/hooks'
import { client } from '../client'
import { SearchDocument, type SearchQuery } from '../generated/operations'
import { meet, nameOf } from '../state/people'
import { to } from '../state/route'
import { Avatar } from '../ui/avatar'
import { Button, Field, IconLink, otherErrors, useAction } from '../ui/controls'
import { brief } from '../ui/time'
import { Screen } from './screen'

type Found = NonNullable<SearchQuery['searchMessages']>['nodes'][number]

const PAGE = 20
const PAUSE = 300
const LONGEST = 200

function useSearch(conversationId: string | null) {
  const [text, setText] = useState('')
  const [found, setFound] = useState<readonly Found[] | null>(null)
  const [after, setAfter] = useState<string | null>(null)
  const { isBusy, errors, run } = useAction()
  const load = async (words: string, from: string | null, signal?: AbortSignal) => {
    const { searchMessages: page } = await client.request(
      SearchDocument,
      { text: words.trim(), conversationId, first: PAGE, after: from },
      signal ? { signal } : {},
    )
    if (signal?.aborted) return
    for (const { author } of page?.nodes ?? []) if (author) meet(author)
    setFound((before) => [...(from ? (before ?? []) : []), ...(page?.nodes ?? [])])
    setAfter(page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null)
  }
  useEffect(() => {
    if (!text.trim()) {
      setFound(null)
      setAfter(null)
      return
    }
    const stop = new AbortController()
    const timer = setTimeout(() => void run(() => load(text, null, stop.signal), stop.signal), PAUSE)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [text, conversationId])
  return { text, setText, found, after, isBusy, errors, more: () => void run(() => load(text, after)) }
}

function Results({ conversationId }: { conversationId: string | null }) {
  const { text, setText, found, after, isBusy, errors, more } = useSearch(conversationId)
  return (
    <>
      <Field
        label="Words"
        hint="Each word is found by its beginning; all must be there."
        type="search"
        value={text}
        onValue={setText}
        autoFocus
        autoComplete="off"
        maxLength={LONGEST}
        error={errors['text'] ?? otherErrors(errors, 'text') ?? undefined}
      />
      <div aria-live="polite">{found?.length === 0 && <p class="none">Nobody has said that where you can read it.</p>}</div>
      {found && (
        <ul class="lines" aria-label="Messages found">
          {found.map(({ id, text: said, createdAt, author, conversation }) => (
            <li key={id}>
              <a class="line" href={to.message(conversation.id, id)}>
                <Avatar id={author?.id ?? id} name={author ? nameOf(author) : '?'} size="small" />
                <span class="line-words">
                  <span class="line-title">
                    {author ? nameOf(author) : 'Somebody'}
                    {!conversationId && <span class="line-where"> in {conversation.title}</span>}
                  </span>
                  <Excerpt text={said ?? ''} words={text} />
                </span>
                <time dateTime={createdAt}>{brief(createdAt)}</time>
              </a>
            </li>
          ))}
        </ul>
      )}
      {after && (
        <Button isBusy={isBusy} onClick={more}>
          More
        </Button>
      )}
    </>
  )
}

const BEFORE = 40

/** The text about the first word that was looked for, that word marked. */
function Excerpt({ text, words }: { text: string; words: string }) {
  const first = words.trim().split(/\s+/)[0]?.toLocaleLowerCase() ?? ''
  const at = first ? text.toLocaleLowerCase().indexOf(first) : -1
  if (at < 0) return <span class="line-sub">{text}</span>
  const from = Math.max(0, at - BEFORE)
  return (
    <span class="line-sub">
      {from > 0 && '…'}
      {text.slice(from, at)}
      <mark>{text.slice(at, at + first.length)}</mark>
      {text.slice(at + first.length)}
    </span>
  )
}

export const Search = () => (
  <Screen title="Search">
    <Results conversationId={null} />
  </Screen>
)

export const SearchIn = ({ id }: { id: string }) => (
  <aside class="panel" aria-label="Search in this conversation">
    <header class="bar">
      <h2 class="bar-title">Search</h2>
      <IconLink icon="close" label="Close" href={to.conversation(id)} />
    </header>
    <div class="panel-body">
      <Results conversationId={id} />
    </div>
  </aside>
)
