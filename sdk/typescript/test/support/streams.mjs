// Reading streams of events in tests.

import assert from 'node:assert/strict'

/** How long something that is to come may take, in milliseconds. */
const LIMIT = 40_000

/** What `promise` brings; fails where it takes too long. */
export const soon = (promise, what) => {
  let timer
  const late = new Promise(
    (_, reject) => (timer = setTimeout(() => reject(new Error(`it did not come: ${what}`)), LIMIT)),
  )
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** Takes events until one fits, and answers all of them. */
export const takeUntil = async (stream, fits, what = String(fits)) => {
  const taken = []
  for (;;) {
    const { value, done } = await soon(stream.next(), what)
    assert(!done, `the stream is over before: ${what}`)
    taken.push(value)
    if (fits(value)) return taken
  }
}

/** Takes events up to the message with this text. */
export const takeUntilText = (stream, text) => takeUntil(stream, (event) => event.message?.text === text, text)

export const textsOf = (events) => events.filter(({ message }) => message).map(({ message }) => message.text)

/** Resolves once `client.connection` is `state`. */
export const connectionIs = (client, state) =>
  soon(
    new Promise((resolve) => {
      const look = (now) => now === state && (forget(), resolve())
      const forget = client.onConnection(look)
      look(client.connection)
    }),
    `the connection is ${state}`,
  )
