// Conversations with much in them, made over the API.

import { createClient, newClientId } from '@natterjack/client'
import WebSocket from 'ws'
import { PASSWORD } from './browser.mjs'

const AT_ONCE = 100
const EACH = 25

const ask = (client, text, variables = {}) => client.request(new String(text), variables)

/** A direct conversation between two new people, with so many messages, "message 1" the first or nearly so. Answers its id. */
export const longConversation = async (url, first, second, count) => {
  const [ada, bob] = [first, second].map(() => createClient({ url, webSocket: WebSocket }))
  await Promise.all([ada.register({ username: first, password: PASSWORD }), bob.register({ username: second, password: PASSWORD })])
  const opened = await ask(ada, 'mutation ($u: String!) { openConversation(input: {with: {username: $u}}) { conversation { id } } }', { u: second })
  const { id } = opened.openConversation.conversation
  let next = 1
  const sender = async (client) => {
    while (next <= count) {
      const from = next
      next += EACH
      const sends = Array.from({ length: Math.min(EACH, count - from + 1) }, (_, at) => {
        const text = `message ${from + at}${(from + at) % 7 === 0 ? ', with some more to say, so that it takes up two lines or even three on a narrow screen' : ''}`
        return `m${at}: sendMessage(input: {to: {conversationId: "${id}"}, text: "${text}", clientId: "${newClientId()}"}) { errors { message } }`
      })
      await ask(client, `mutation { ${sends.join(' ')} }`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, (_, at) => sender(at % 2 ? ada : bob)))
  ada.close()
  bob.close()
  return id
}
