// Run by mod.rs beside the installed packages: node - URL GOOD_TOKEN BRIEF_TOKEN
import assert from 'node:assert/strict'
import test from 'node:test'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'

const [url, good, brief] = process.argv.slice(2)
const socketUrl = url.replace('http', 'ws')

const client = options => createClient({ url: socketUrl, webSocketImpl: WebSocket, retryAttempts: 0, ...options })

const all = async results => {
  const found = []
  for await (const result of results) found.push(result)
  return found
}

// The first results of an operation that has no end.
const first = async (count, results) => {
  const found = []
  for await (const result of results) {
    found.push(result)
    if (found.length === count) break
  }
  return found
}

test('queries, mutations and subscriptions', async () => {
  const ws = client()
  const run = (query, variables) => all(ws.iterate({ query, variables }))
  assert.deepEqual(await run('{ hello who }'), [{ data: { hello: 'world', who: 'nobody' } }])
  assert.equal((await run('mutation { touch }')).length, 1)
  const counted = await run('subscription($to: Int!) { count(to: $to) }', { to: 1000 })
  assert.deepEqual(counted.map(({ data }) => data.count), Array.from({ length: 1000 }, (_, n) => n + 1))
  await ws.dispose()
})

test('errors of a refused operation', async () => {
  const ws = client()
  for (const query of ['{', '{ nothing }', 'subscription { refused }', '{ panics }']) {
    await assert.rejects(all(ws.iterate({ query })), errors => errors.length === 1 && typeof errors[0].message === 'string')
  }
  await ws.dispose()
})

test('an operation that is left ends, and its socket with it', async () => {
  const codes = []
  const ws = client({ on: { closed: event => codes.push(event.code) } })
  assert.deepEqual(await first(1, ws.iterate({ query: 'subscription { held }' })), [{ data: { held: 0 } }])
  assert.equal((await first(50, ws.iterate({ query: 'subscription { flood(length: 100) }' }))).length, 50)
  await new Promise(resolve => setTimeout(resolve, 100))
  assert.deepEqual(codes.at(-1), 1000)
})

test('its keep-alive', async () => {
  let pongs = 0
  const ws = client({ lazy: false, keepAlive: 20, on: { pong: received => (pongs += received ? 1 : 0) } })
  while (pongs < 3) await new Promise(resolve => setTimeout(resolve, 10))
  await ws.dispose()
})

test('a token that runs out is renewed by connecting again', async () => {
  const tokens = [brief, good]
  const codes = []
  const ws = client({
    connectionParams: () => ({ authorization: `Bearer ${tokens.shift()}` }),
    retryAttempts: 3,
    retryWait: async () => {},
    on: { closed: event => codes.push(event.code) },
  })
  const results = await first(2, ws.iterate({ query: 'subscription { held }' }))
  assert.deepEqual(results, [{ data: { held: 0 } }, { data: { held: 0 } }])
  assert.deepEqual(tokens, [])
  assert.equal(codes[0], 4403)
  await ws.dispose()
})

test('a bad token', async () => {
  const ws = client({ connectionParams: { token: 'bad' } })
  await assert.rejects(all(ws.iterate({ query: '{ hello }' })), { code: 4403, reason: 'Forbidden' })
})

test('an id used twice', async () => {
  const ws = client({ generateID: () => 'same' })
  const held = first(2, ws.iterate({ query: 'subscription { held }' }))
  await assert.rejects(all(ws.iterate({ query: 'subscription { held }' })), { code: 4409 })
  await assert.rejects(held, { code: 4409 })
})
