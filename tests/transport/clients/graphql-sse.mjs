// Run by mod.rs beside the installed packages: node - URL GOOD_TOKEN BRIEF_TOKEN
import assert from 'node:assert/strict'
import test from 'node:test'
import { createClient } from 'graphql-sse'

const [url, good, brief] = process.argv.slice(2)

const client = options => createClient({ url, retryAttempts: 0, ...options })

// The first results, and all of them where there are no more.
const first = async (count, results) => {
  const found = []
  for await (const result of results) {
    found.push(result)
    if (found.length === count) break
  }
  return found
}

test('queries, mutations and subscriptions', async () => {
  const sse = client()
  const run = (query, variables) => first(Infinity, sse.iterate({ query, variables }))
  assert.deepEqual(await run('{ hello who }'), [{ data: { hello: 'world', who: 'nobody' } }])
  assert.equal((await run('mutation { touch }')).length, 1)
  const counted = await run('subscription($to: Int!) { count(to: $to) }', { to: 1000 })
  assert.deepEqual(counted.map(({ data }) => data.count), Array.from({ length: 1000 }, (_, n) => n + 1))
  assert.deepEqual(await first(1, sse.iterate({ query: 'subscription { held }' })), [{ data: { held: 0 } }])
  sse.dispose()
})

test('errors of a refused operation', async () => {
  const sse = client()
  for (const query of ['{', '{ nothing }', 'subscription { refused }', '{ panics }']) {
    const [{ data, errors }] = await first(Infinity, sse.iterate({ query }))
    assert.equal(data, undefined)
    assert.equal(typeof errors[0].message, 'string')
  }
  sse.dispose()
})

test('a token that runs out is renewed by connecting again', async () => {
  const tokens = [brief, good]
  const sse = client({
    headers: () => ({ authorization: `Bearer ${tokens.shift()}` }),
    retryAttempts: 3,
    retry: async () => {},
  })
  const results = await first(2, sse.iterate({ query: 'subscription { held }' }))
  assert.deepEqual(results, [{ data: { held: 0 } }, { data: { held: 0 } }])
  assert.deepEqual(tokens, [])
  sse.dispose()
})
