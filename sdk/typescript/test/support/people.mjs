// People with clients, for tests.

import { createClient } from '@natterjack/client'
import WebSocket from 'ws'

const PASSWORD = 'correct horse battery'

/** Comes again quickly, so that tests do. */
export const quickly = (failures) => Math.random() * Math.min(400, 20 * 2 ** failures)

/** A client that ends with the test. */
export const clientOf = (test, url, options = {}) => {
  const client = createClient({ url, webSocket: WebSocket, retryDelay: quickly, ...options })
  test.after(() => client.close())
  return client
}

/** Somebody who has an account, signed in. */
export const register = async (test, url, username, options = {}) => {
  const client = clientOf(test, url, options)
  await client.register({ username, password: PASSWORD })
  return client
}

export const signIn = async (test, url, username, options = {}) => {
  const client = clientOf(test, url, options)
  await client.signIn({ username, password: PASSWORD })
  return client
}
