import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NatterjackError, OverflowError, TypedDocumentString } from '@natterjack/client'
import { parse } from 'graphql'
import { clientOf, register, signIn } from './support/people.mjs'
import { Proxy } from './support/proxy.mjs'
import { Relay } from './support/relay.mjs'
import { startServer } from './support/server.mjs'
import { connectionIs, soon, takeUntil, takeUntilText, textsOf } from './support/streams.mjs'
import { addMember, createGroup, document, removeMember } from './support/talk.mjs'

const isSynced = ({ __typename }) => __typename === 'Synced'

/** What `#listen` has asked for over this relay, oldest first: the positions of each operation. */
const asked = (relay) =>
  relay.heard.filter(({ type }) => type === 'subscribe').map(({ payload }) => payload.variables.after)

const say = async (client, conversationId, ...texts) => {
  for (const text of texts) await client.sendMessage({ conversationId, text })
}

test('events', async (context) => {
  const server = await startServer(context, { NATTERJACK_MAX_REPLAY: '300' })
  const proxy = await Proxy.start(context, server)
  const ada = await register(context, server.url, 'ada')
  const bob = await register(context, proxy.url, 'bob')
  const group = (name) => createGroup(ada, name, [bob])

  await context.test(
    'without positions a stream begins now, and misses nothing of a quiet conversation over a cut',
    async () => {
      const quiet = await group('quiet')
      await say(ada, quiet, 'before')
      const events = bob.events()
      const reading = takeUntilText(events, 'after')
      await connectionIs(bob, 'open')
      proxy.down(true)
      await connectionIs(bob, 'waiting')
      await say(ada, quiet, 'during')
      proxy.down(false)
      await connectionIs(bob, 'open')
      await say(ada, quiet, 'after')
      assert.deepEqual(textsOf(await reading), ['during', 'after'])
      await events.return()
    },
  )

  await context.test('another client goes on from the positions that were kept', async () => {
    const pond = await group('pond')
    const first = bob.events({ positions: [], conversationIds: [pond] })
    await say(ada, pond, 'one', 'two')
    await takeUntilText(first, 'one')
    const kept = JSON.parse(JSON.stringify([...first.positions]))
    await first.return()
    await say(ada, pond, 'three')

    const second = (await signIn(context, server.url, 'bob')).events({ positions: kept, conversationIds: [pond] })
    assert.deepEqual(textsOf(await takeUntilText(second, 'three')), ['two', 'three'])
    await takeUntil(second, isSynced)
    await second.return()
  })

  await context.test('positions count what was handed out, and not what waits', async () => {
    const pond = await group('waiting')
    await say(ada, pond, 'one', 'two', 'three')
    const events = bob.events({ positions: [], conversationIds: [pond] })
    const taken = await takeUntilText(events, 'one')
    assert.deepEqual([...events.positions], [[pond, taken.at(-1).revision]])
    await events.return()
    assert.deepEqual(await events.next(), { done: true, value: undefined })
  })

  await context.test('a reader who is slow has a bounded number waiting, and misses nothing', async () => {
    const pond = await group('slow')
    const relay = await Relay.start(context, server)
    const slow = await signIn(context, relay.url, 'bob')
    const events = slow.events({ positions: [], conversationIds: [pond], buffer: 10 })
    await takeUntil(events, isSynced)
    const texts = Array.from({ length: 60 }, (_, number) => `${number}`)
    await say(ada, pond, ...texts)
    const completed = () => relay.heard.some(({ type }) => type === 'complete')
    assert(completed(), 'it has asked for no more')
    assert.deepEqual(textsOf(await takeUntilText(events, '59')), texts)
    assert(asked(relay).length > 1, 'it has asked again')
    await events.return()
  })

  await context.test('a reader who is slow is told where nothing can be asked for again', async () => {
    const pond = await group('typing')
    const typing = bob.subscribe(document('Typing'), { id: pond }, { buffer: 3 })
    const first = typing.next()
    const input = (isTyping) => ({ input: { conversationId: pond, isTyping } })
    let isTyping = true
    const tell = async () => ada.request(document('SetTyping'), input(isTyping)).then(() => (isTyping = !isTyping))
    const telling = setInterval(() => void tell().catch(() => {}), 20)
    await soon(first, 'typing')
    clearInterval(telling)
    for (let number = 0; number < 10; number += 1) await tell()
    await assert.rejects(
      takeUntil(typing, () => false),
      (error) => error instanceof OverflowError,
    )
  })

  await context.test('who is taken out and let in again is told all of it again', async () => {
    const pond = await group('membership')
    const events = bob.events({ positions: [], conversationIds: [pond] })
    await say(ada, pond, 'one')
    await takeUntilText(events, 'one')
    await removeMember(ada, pond, bob)
    const out = await takeUntil(events, ({ __typename }) => __typename === 'MembershipChanged')
    assert.equal(out.at(-1).entered, null)
    assert.equal(events.positions.has(pond), false)
    await addMember(ada, pond, bob)
    const back = await takeUntilText(events, 'one')
    assert(back.some(({ __typename, entered }) => __typename === 'MembershipChanged' && entered?.id === pond))
    await events.return()
  })

  await context.test('who has missed too much is told to fetch it anew, and goes on from there', async () => {
    const pond = await group('much')
    const { message } = await ada.sendMessage({ conversationId: pond, text: 'first' })
    await Promise.all(Array.from({ length: 301 }, () => say(ada, pond, 'much')))
    const events = bob.events({ positions: [[pond, message.revision]], conversationIds: [pond] })
    const [resync] = await takeUntil(events, () => true)
    assert.equal(resync.__typename, 'ResyncNeeded')
    assert.deepEqual([...events.positions], [[pond, resync.revision]])
    await say(ada, pond, 'next')
    assert.deepEqual(textsOf(await takeUntilText(events, 'next')), ['next'])
    await events.return()
  })

  await context.test('who stands above the end is told so, and hears what comes', async () => {
    const pond = await group('restored')
    const events = bob.events({ positions: [[pond, 1_000]], conversationIds: [pond] })
    const [resync] = await takeUntil(events, () => true)
    assert.equal(resync.__typename, 'ResyncNeeded')
    await say(ada, pond, 'next')
    assert.deepEqual(textsOf(await takeUntilText(events, 'next')), ['next'])
    await events.return()
  })

  await context.test('where a store is away, the stream goes on from where it stands', async () => {
    const pond = await group('away')
    const relay = await Relay.start(context, server)
    const reader = await signIn(context, relay.url, 'bob')
    const events = reader.events({ positions: [], conversationIds: [pond] })
    await say(ada, pond, 'one')
    await takeUntilText(events, 'one')
    const revision = events.positions.get(pond)
    relay.untold = 2
    const reading = takeUntilText(events, 'three')
    await say(ada, pond, 'two', 'three')
    assert.deepEqual(textsOf(await reading), ['two', 'three'])
    assert.deepEqual(asked(relay).slice(-2), [
      [{ conversationId: pond, revision }],
      [{ conversationId: pond, revision }],
    ])
    await events.return()
  })

  await context.test('an app asks by its own document, as a text or as a tree', async () => {
    const pond = await group('own')
    await say(ada, pond, 'one')
    const text = `subscription Own($after: [PositionInput!], $conversationIds: [ID!]) {
      events(after: $after, conversationIds: $conversationIds) {
        __typename
        ... on MessageAdded { revision conversation { id } message { text } }
        ... on MessageChanged { revision conversation { id } }
        ... on Synced { revision conversation { id } }
        ... on ResyncNeeded { revision conversation { id } }
        ... on MembershipChanged { conversationId entered: conversation { id } }
      }
    }`
    for (const own of [new TypedDocumentString(text), parse(text)]) {
      const events = bob.events({ document: own, positions: [], conversationIds: [pond] })
      const added = (await takeUntilText(events, 'one')).at(-1)
      assert.deepEqual(Object.keys(added).sort(), ['__typename', 'conversation', 'message', 'revision'])
      await events.return()
    }
  })

  await context.test('of the kinds that there are, only some are told', async () => {
    const pond = await group('kinds')
    await say(ada, pond, 'one')
    const events = bob.events({ only: ['RECEIPT'], positions: [], conversationIds: [pond] })
    const names = (await takeUntil(events, isSynced)).map(({ __typename }) => __typename)
    assert.deepEqual(names, ['Synced'])
    await events.return()
  })

  await context.test('what the server refuses is thrown', async () => {
    const events = bob.events({ positions: [], conversationIds: ['cnv_01a2005aa43f799a9a2e91bb7124f43d'] })
    await assert.rejects(events.next(), (error) => error instanceof NatterjackError && error.code === 'NOT_FOUND')
    assert.deepEqual(await events.next(), { done: true, value: undefined })
  })

  await context.test('nobody who is not signed in hears anything', async () => {
    const stranger = clientOf(context, server.url)
    await assert.rejects(stranger.events().next(), ({ code }) => code === 'UNAUTHENTICATED')
  })

  await context.test('a client that is closed ends its streams, and the socket goes', async () => {
    const pond = await group('closed')
    const relay = await Relay.start(context, server)
    const client = await signIn(context, relay.url, 'bob')
    const events = client.events({ positions: [], conversationIds: [pond], only: ['MESSAGE'] })
    await takeUntil(events, isSynced)
    assert.deepEqual([client.connection, relay.sockets], ['open', 1])
    const pending = events.next()
    const gone = relay.socketGone()
    client.close()
    assert.deepEqual(await soon(pending, 'the end'), { done: true, value: undefined })
    await soon(gone, 'the end of the socket')
    assert.deepEqual([client.connection, relay.sockets], ['idle', 0])
    assert.deepEqual(await client.events().next(), { done: true, value: undefined })
  })
})
