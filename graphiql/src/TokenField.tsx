// The one place that says who the page acts as.
import { useEffect, useId, useState, useSyncExternalStore } from 'react'
import { post } from './fetcher'
import { token } from './kept'

/** How long nothing must have been typed before the server is asked whose token it is, in milliseconds. */
const PAUSE = 300

const owner = async (signal: AbortSignal): Promise<string> => {
  const { data, errors } = await post({ query: '{ viewer { user { displayName } } }' }, signal)
  const name = (data?.['viewer'] as { user: { displayName: string } } | null | undefined)?.user.displayName
  if (name !== undefined) return `Signed in as ${name}`
  return errors?.[0] ? `Not signed in: ${errors[0].message}` : 'Not signed in: this token does not count'
}

/** What the server says of the token: whose it is, or that it does not count. */
const useOwner = (current: string): string => {
  const [said, setSaid] = useState('')
  useEffect(() => {
    setSaid('')
    if (current === '') return
    const abort = new AbortController()
    const timer = setTimeout(async () => {
      const found = await owner(abort.signal)
      if (!abort.signal.aborted) setSaid(found)
    }, PAUSE)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [current])
  return current === '' ? 'Not signed in' : said
}

/** The field for the access token. */
export const TokenField = () => {
  const current = useSyncExternalStore(token.subscribe, token.get)
  const said = useOwner(current)
  const id = useId()
  return (
    <form className="token" aria-label="Who you are" onSubmit={(event) => event.preventDefault()}>
      <label htmlFor={id}>Access token</label>
      <input
        id={id}
        name="token"
        type="text"
        value={current}
        placeholder="taken over when you register or sign in"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        aria-describedby={`${id}-help`}
        onChange={(event) => token.set(event.target.value.trim())}
      />
      <output className="owner">{said}</output>
      <p id={`${id}-help`}>
        Goes with every request and every socket as <code>Authorization</code>. Kept, as all that is written here, in
        this browser tab until it is closed.
      </p>
    </form>
  )
}
