// Run by mod.rs beside the installed packages: node - URL TOKEN CONVERSATION
// EventSource, as the HTML standard has it, comes again by itself and goes on where it was.
import assert from 'node:assert/strict'
import test from 'node:test'
import { EventSource } from 'eventsource'

const [url, token, conversationId] = process.argv.slice(2)
const authorization = `Bearer ${token}`

const send = async text => {
  const query = `mutation($input: SendMessageInput!) { sendMessage(input: $input) { errors { message } } }`
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { input: { to: { conversationId }, text } } }),
  })
  assert.deepEqual(await response.json(), { data: { sendMessage: { errors: [] } } })
}

test('it goes on after its connection was cut', async () => {
  const query = `subscription($id: ID!) { messageAdded(conversationId: $id) { text } }`
  const parameters = new URLSearchParams({ query, variables: JSON.stringify({ id: conversationId }) })
  const connections = []
  const source = new EventSource(`${url}/graphql?${parameters}`, {
    fetch: async (input, init) => {
      const response = await fetch(input, { ...init, headers: { ...init.headers, authorization } })
      let cut
      const body = response.body.pipeThrough(new TransformStream({ start: line => (cut = () => line.terminate()) }))
      connections.push({ cut, from: init.headers['Last-Event-ID'] })
      return new Response(body, response)
    },
  })
  const heard = []
  let wake = () => {}
  source.addEventListener('next', ({ data }) => {
    heard.push(JSON.parse(data).data.messageAdded.text)
    wake()
  })
  const count = async n => {
    while (heard.length < n) await new Promise(resolve => (wake = resolve))
  }
  await new Promise(resolve => source.addEventListener('open', resolve, { once: true }))
  for (let n = 0; heard.length === 0; n++) {
    await send(`begun ${n}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  await send('cut')
  while (heard.at(-1) !== 'cut') await count(heard.length + 1)
  const before = heard.length
  connections[0].cut()
  for (const text of ['one', 'two', 'three']) await send(text)
  await count(before + 3)
  assert.deepEqual(heard.slice(before), ['one', 'two', 'three'])
  assert.equal(connections.length, 2)
  assert.equal(connections[0].from, undefined)
  assert.match(connections[1].from, /^1\./)
  source.close()
})
