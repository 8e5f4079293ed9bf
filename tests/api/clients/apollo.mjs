// Run by mod.rs beside the installed packages: node - URL TOKEN CONVERSATION
// Apollo Client: hashes of persisted queries first, subscriptions by graphql-ws.
import assert from 'node:assert/strict'
import test from 'node:test'
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client'
import { createPersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { createHash } from 'node:crypto'
import { createClient } from 'graphql-ws'
import { OperationTypeNode } from 'graphql'
import WebSocket from 'ws'

const [url, token, conversationId] = process.argv.slice(2)
const authorization = `Bearer ${token}`

const sent = []
const http = new HttpLink({
  uri: `${url}/graphql`,
  headers: { authorization },
  fetch: (uri, options) => {
    sent.push(JSON.parse(options.body))
    return fetch(uri, options)
  },
})
const socket = createClient({ url: `${url}/graphql`.replace('http', 'ws'), webSocketImpl: WebSocket, connectionParams: { authorization } })
const sha256 = text => createHash('sha256').update(text).digest('hex')
const persisted = createPersistedQueryLink({ sha256 })
const link = ApolloLink.split(
  ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
  new GraphQLWsLink(socket),
  persisted.concat(http),
)
const client = new ApolloClient({ link, cache: new InMemoryCache() })

const HISTORY = gql`
  query ApolloHistory($id: ID!, $last: Int) {
    history(of: { conversationId: $id }, last: $last) {
      nodes { id seq text author { id username } }
      pageInfo { hasPreviousPage startCursor }
    }
  }
`
const SEND = gql`
  mutation ApolloSend($input: SendMessageInput!) {
    sendMessage(input: $input) { message { id text } errors { code message field } }
  }
`
const ADDED = gql`
  subscription ApolloAdded($id: ID!) { messageAdded(conversationId: $id) { id text } }
`

test('a mutation, a query by its hash, and a subscription', async () => {
  const heard = []
  const listening = client.subscribe({ query: ADDED, variables: { id: conversationId } }).subscribe(({ data, error }) => {
    assert.equal(error, undefined)
    heard.push(data.messageAdded.text)
  })
  const send = text => client.mutate({ mutation: SEND, variables: { input: { to: { conversationId }, text } } })
  const query = variables => client.query({ query: HISTORY, variables: { id: conversationId, ...variables } })

  // Until it listens, what is sent may be before its time.
  for (let n = 0; heard.length === 0; n++) {
    const { data } = await send(`by Apollo ${n}`)
    assert.deepEqual([data.sendMessage.message.text, data.sendMessage.errors], [`by Apollo ${n}`, []])
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  assert.match(heard[0], /^by Apollo/)
  listening.unsubscribe()

  sent.length = 0
  const first = await query({ last: 1 })
  assert.match(first.data.history.nodes[0].text, /^by Apollo/)
  const second = await query({ last: 2 })
  assert.equal(second.data.history.nodes.length > 0, true)
  const shapes = sent.map(({ query, extensions }) => [query !== undefined, extensions.persistedQuery.sha256Hash.length])
  assert.deepEqual(shapes, [[false, 64], [true, 64], [false, 64]], 'the hash, the text with the hash, the hash alone')
  client.stop()
  await socket.dispose()
})

test('what is refused', async () => {
  const missing = gql`query ApolloMissing { nothing }`
  await assert.rejects(client.query({ query: missing }), error => error.errors[0].extensions.code === 'QUERY_REFUSED')
  const { data } = await client.mutate({ mutation: SEND, variables: { input: { to: { conversationId }, text: '' } } })
  assert.equal(data.sendMessage.errors[0].code, 'INVALID_INPUT')
})
