// Nothing is missed and nothing comes twice, whatever becomes of the lines and of the server.
//
// NATTERJACK_LONG_TESTS=1 cuts 200 times instead of 20.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { register } from './support/people.mjs'
import { Proxy } from './support/proxy.mjs'
import { startServer } from './support/server.mjs'
import { connectionIs, soon, takeUntil, takeUntilText } from './support/streams.mjs'
import { createGroup, editMessage, history } from './support/talk.mjs'

const IS_LONG = process.env.NATTERJACK_LONG_TESTS === '1'

const CUTS = IS_LONG ? 200 : 20

/** How long a socket is left alone at the most, in milliseconds. */
const LONGEST = 150

/** How many messages each writer has under way at once. */
const AT_ONCE = 3

const END = 'the end'

/** What was acknowledged, of all writers. */
class Acknowledged {
  messages = []
  #waiting = new Set()

  add(message) {
    this.messages.push(message)
    for (const look of this.#waiting) look()
  }

  /** Resolves once there are so many more. */
  more(count) {
    const goal = this.messages.length + count
    const reached = new Promise((resolve) => {
      const look = () => this.messages.length >= goal && resolve()
      this.#waiting.add(look)
      look()
    })
    return soon(reached, `${count} more acknowledgements`)
  }
}

/** Writes into these conversations until told to stop. Every fifth message is edited. */
const write = async (client, conversations, acknowledged, signal) => {
  let number = 0
  const writeOn = async () => {
    while (!signal.aborted) {
      const nth = (number += 1)
      const conversationId = conversations[nth % conversations.length]
      const { message } = await client.sendMessage({ conversationId, text: `${nth} of ${client.session.viewerId}` })
      acknowledged.add(message)
      // Its answer may be lost too: then nobody knows whether it was done.
      if (nth % 5 === 0) await editMessage(client, message.id, `${message.text}, or so`).catch(() => {})
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, writeOn))
}

/** Reads until every conversation has come to its end. */
const readAll = async (stream, conversations) => {
  const open = new Set(conversations)
  return takeUntil(stream, (event) => {
    if (event.message?.text === END) open.delete(event.conversation.id)
    return open.size === 0
  })
}

/** Every stored message was told, by rising revisions, and none was born twice. */
const judge = async (events, client, conversations) => {
  const revisions = new Map()
  const told = new Set()
  const born = new Set()
  for (const { __typename, conversation, message, revision } of events.filter((event) => event.message)) {
    const before = revisions.get(conversation.id) ?? 0
    assert(revision > before, `revision ${revision} came after ${before}`)
    revisions.set(conversation.id, revision)
    told.add(message.id)
    if (__typename !== 'MessageAdded') continue
    assert(!born.has(message.id), `${message.text} came twice`)
    born.add(message.id)
  }
  const stored = (await Promise.all(conversations.map((id) => history(client, id)))).flat()
  for (const { id, text } of stored) assert(told.has(id), `${text} was missed`)
  return stored
}

/** Two people write and one reads while `disturb` does what it likes. */
const talk = async (context, server, proxy, disturb) => {
  const ada = await register(context, proxy.url, 'ada')
  const bob = await register(context, proxy.url, 'bob')
  const cleo = await register(context, server.url, 'cleo')
  const conversations = []
  for (const name of ['one', 'two', 'three']) conversations.push(await createGroup(ada, name, [bob, cleo]))

  const stopping = new AbortController()
  const events = bob.events({ positions: [] })
  const reading = readAll(events, conversations)
  const acknowledged = new Acknowledged()
  const writing = Promise.all([ada, cleo].map((client) => write(client, conversations, acknowledged, stopping.signal)))
  await disturb(bob, acknowledged)
  stopping.abort()
  await soon(writing, 'all acknowledgements')
  for (const conversationId of conversations) await cleo.sendMessage({ conversationId, text: END })

  const stored = await judge(await reading, cleo, conversations)
  await events.return()
  const ids = stored.map(({ id }) => id)
  for (const { id, text } of acknowledged.messages)
    assert(ids.includes(id), `${text} was acknowledged, and is not there`)
  const texts = stored.map(({ text }) => text?.replace(', or so', '')).filter((text) => text && text !== END)
  assert.equal(new Set(texts).size, texts.length, 'no message is stored twice')
  context.diagnostic(`${stored.length} messages`)
}

test(`nothing is missed or doubled over ${CUTS} cuts of all lines`, async (context) => {
  const server = await startServer(context)
  const proxy = await Proxy.start(context, server)
  await talk(context, server, proxy, async (bob, acknowledged) => {
    for (let cut = 0; cut < CUTS; cut += 1) {
      await connectionIs(bob, 'open')
      await pause(Math.random() * LONGEST)
      proxy.cut()
      // Now and then also while it is being opened.
      if (cut % 4 === 0) await pause(Math.random() * 30).then(() => proxy.cut())
    }
    await acknowledged.more(1)
  })
})

test('nothing is missed or doubled where the server is killed and comes again', async (context) => {
  const server = await startServer(context)
  const proxy = await Proxy.start(context, server)
  await talk(context, server, proxy, async (_, acknowledged) => {
    for (let kill = 0; kill < 2; kill += 1) {
      await acknowledged.more(8)
      await pause(Math.random() * 50)
      await server.kill('SIGKILL')
      await pause(Math.random() * 100)
      await server.start()
    }
    await acknowledged.more(8)
  })
})

// It takes as long as a client waits for a sign of life: 20 s.
test('a line that has died without a word is noticed', { skip: !IS_LONG }, async (context) => {
  const server = await startServer(context)
  const proxy = await Proxy.start(context, server)
  const ada = await register(context, server.url, 'ada')
  const bob = await register(context, proxy.url, 'bob')
  const pond = await createGroup(ada, 'pond', [bob])
  const events = bob.events({ positions: [] })
  await takeUntil(events, ({ __typename }) => __typename === 'Synced')
  proxy.silence()
  const reading = takeUntilText(events, 'Are you there?')
  await ada.sendMessage({ conversationId: pond, text: 'Are you there?' })
  await reading
  await events.return()
})
