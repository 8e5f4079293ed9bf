// Two people talk in their terminals:
//
//     node dist/example/chat.js http://127.0.0.1:8000/graphql ada bob
//     node dist/example/chat.js http://127.0.0.1:8000/graphql bob ada
//
// Who writes what is shown; what is typed is sent. The server may be stopped and started again meanwhile.

import { createClient, NatterjackError, unwrap, type Client } from '@natterjack/client'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import WebSocket from 'ws'
import { HeardDocument, LatestDocument, OpenDocument, type LineFragment } from './chat.generated.js'

const PASSWORD = process.env['CHAT_PASSWORD'] ?? 'correct horse battery'

const show = ({ author, text, editedAt }: LineFragment): void =>
  console.log(`${author?.displayName ?? '*'}: ${text ?? '(deleted)'}${editedAt ? ' (edited)' : ''}`)

/** Signs in, or makes the account where there is none. */
const enter = async (client: Client, username: string): Promise<void> => {
  try {
    await client.signIn({ username, password: PASSWORD })
  } catch (error) {
    if (!(error instanceof NatterjackError) || error.code !== 'WRONG_CREDENTIALS') throw error
    await client.register({ username, password: PASSWORD })
  }
}

/** The conversation with this person, once they have an account. */
const open = async (client: Client, username: string): Promise<{ id: string; title: string }> => {
  for (;;) {
    const { openConversation } = await client.request(OpenDocument, { username })
    if (openConversation?.conversation) return openConversation.conversation
    if (openConversation?.errors[0]?.code !== 'NOT_FOUND') unwrap(openConversation)
    console.log(`(there is no ${username} yet)`)
    await setTimeout(1_000)
  }
}

/** Shows what there is, and then what comes, for ever. */
const listen = async (client: Client, id: string): Promise<void> => {
  const showLatest = async (): Promise<number> => {
    const { history } = await client.request(LatestDocument, { id }, { retryFor: 60_000 })
    history?.nodes.forEach(show)
    return history?.revision ?? 0
  }
  const positions = [[id, await showLatest()]] as const
  for await (const event of client.events({ document: HeardDocument, conversationIds: [id], positions })) {
    if (event.__typename === 'MessageAdded' || event.__typename === 'MessageChanged') show(event.message)
    // More was missed than the server tells one by one: the stream goes on from here by itself.
    if (event.__typename === 'ResyncNeeded') await showLatest()
  }
}

const [url, me, other] = process.argv.slice(2)
if (!url || !me || !other) throw new Error('usage: chat URL WHO-I-AM WHO-TO-TALK-TO')

const client = createClient({ url, webSocket: WebSocket })
client.onConnection((state) => console.log(`(${state})`))
await enter(client, me)
const { id, title } = await open(client, other)
console.log(`(you talk with ${title})`)

const listening = listen(client, id)
const lines = createInterface({ input: process.stdin })
lines.on('line', (text) => {
  const sending = client.sendMessage({ conversationId: id, text })
  sending.catch((error: unknown) => console.error(`not sent: ${String(error)}`))
})
lines.on('close', () => client.close())
await listening
