// Run by mod.rs beside the installed packages: node - URL TOKEN CONVERSATION
// urql: persisted queries by GET, and subscriptions in each of the three ways that it has.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Client, fetchExchange, gql, subscriptionExchange } from '@urql/core'
import { persistedExchange } from '@urql/exchange-persisted'
import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createWsClient } from 'graphql-ws'
import { pipe, subscribe } from 'wonka'
import WebSocket from 'ws'

const [url, token, conversationId] = process.argv.slice(2)
const authorization = `Bearer ${token}`
const endpoint = `${url}/graphql`

const sent = []
const options = {
  url: endpoint,
  fetchOptions: { headers: { authorization } },
  fetch: (uri, options) => {
    sent.push([options.method, new URL(uri).searchParams.has('query')])
    return fetch(uri, options)
  },
}
const iterable = client => ({ query, variables }) => ({
  subscribe: sink => ({ unsubscribe: client.subscribe({ query, variables }, sink) }),
})

const HISTORY = gql`
  query UrqlHistory($id: ID!, $last: Int) {
    history(of: { conversationId: $id }, last: $last) { nodes { id text } }
  }
`
const SEND = gql`
  mutation UrqlSend($input: SendMessageInput!) {
    sendMessage(input: $input) { message { id text } errors { code } }
  }
`
const ADDED = gql`
  subscription UrqlAdded($id: ID!) { messageAdded(conversationId: $id) { id text } }
`

test('a query by its hash, by GET', async () => {
  const client = new Client({
    ...options,
    exchanges: [persistedExchange({ preferGetForPersistedQueries: true }), fetchExchange],
  })
  for (const last of [1, 2]) {
    const { data, error } = await client.query(HISTORY, { id: conversationId, last }, { requestPolicy: 'network-only' })
    assert.equal(error, undefined)
    assert.ok(Array.isArray(data.history.nodes))
  }
  assert.deepEqual(sent, [['GET', false], ['GET', true], ['GET', false]], 'the hash, the text, and the hash alone')
})

const hearing = async client => {
  const heard = []
  const { unsubscribe } = pipe(
    client.subscription(ADDED, { id: conversationId }),
    subscribe(({ data, error }) => {
      assert.equal(error, undefined)
      heard.push(data.messageAdded.text)
    }),
  )
  for (let n = 0; heard.length === 0; n++) {
    const input = { to: { conversationId }, text: `by urql ${n}` }
    const { data, error } = await client.mutation(SEND, { input })
    assert.equal(error, undefined)
    assert.deepEqual(data.sendMessage.errors, [])
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  assert.match(heard[0], /^by urql/)
  unsubscribe()
}

test('subscriptions by graphql-ws', async () => {
  const ws = createWsClient({ url: endpoint.replace('http', 'ws'), webSocketImpl: WebSocket, connectionParams: { authorization } })
  await hearing(new Client({ ...options, exchanges: [fetchExchange, subscriptionExchange({ forwardSubscription: iterable(ws) })] }))
  await ws.dispose()
})

test('subscriptions by graphql-sse', async () => {
  const sse = createSseClient({ url: endpoint, headers: { authorization } })
  await hearing(new Client({ ...options, exchanges: [fetchExchange, subscriptionExchange({ forwardSubscription: iterable(sse) })] }))
  sse.dispose()
})

test('subscriptions by its own fetch', async () => {
  await hearing(new Client({ ...options, fetchSubscriptions: true, exchanges: [fetchExchange] }))
})
