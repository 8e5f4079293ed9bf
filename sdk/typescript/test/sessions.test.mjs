import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { NatterjackError } from '@natterjack/client'
import { clientOf, register, signIn } from './support/people.mjs'
import { Proxy } from './support/proxy.mjs'
import { counting, sharedStorage } from './support/requests.mjs'
import { startServer } from './support/server.mjs'
import { soon, takeUntilText, textsOf } from './support/streams.mjs'
import { createGroup, document } from './support/talk.mjs'

const ME = document('Me')

const isRefusal = (code) => (error) => error instanceof NatterjackError && error.code === code

/** As navigator.locks has it, which Node 20 has not. */
const fakeLocks = () => {
  let turn = Promise.resolve()
  return {
    request: (_, task) => {
      const mine = turn.then(task)
      turn = mine.catch(() => {})
      return mine
    },
  }
}

/** Tokens of somebody new, as they are kept, of which the server refuses the first though it seems to count still. */
const spoilt = async (context, url, username) => {
  const { kept, storage } = sharedStorage()
  await register(context, url, username, { storage })
  kept.tokens = { ...kept.tokens, accessToken: `${kept.tokens.accessToken}A`, renewAt: Date.now() + 60_000 }
  return storage
}

test('signing in and out', async (context) => {
  const server = await startServer(context)
  const ada = await register(context, server.url, 'ada')

  await context.test('whoever registers is signed in', async () => {
    const { viewer } = await ada.request(ME)
    assert.equal(viewer.id, ada.session.viewerId)
  })

  await context.test('a wrong password is a typed error, and nobody is signed in', async () => {
    const client = clientOf(context, server.url)
    const refused = client.signIn({ username: 'ada', password: 'another one' })
    await assert.rejects(refused, isRefusal('WRONG_CREDENTIALS'))
    assert.equal(client.session, null)
  })

  await context.test('a taken name says which field is at fault', async () => {
    const client = clientOf(context, server.url)
    const refused = client.register({ username: 'Ada', password: 'correct horse battery' })
    await assert.rejects(refused, ({ code, field }) => code === 'ALREADY_TAKEN' && field.at(-1) === 'username')
  })

  await context.test('a code signs in', async () => {
    const client = clientOf(context, server.url)
    const to = { email: 'dora@example.org' }
    const { code } = await client.requestCode(to)
    const { viewerId } = await client.signInWithCode({ to, code })
    assert.equal((await client.request(ME)).viewer.id, viewerId)
  })

  await context.test('who has signed in is known again by what was kept', async () => {
    const { storage } = sharedStorage()
    const first = await signIn(context, server.url, 'ada', { storage })
    const second = clientOf(context, server.url, { storage })
    assert.deepEqual(await second.restore(), first.session)
    assert.equal((await second.request(ME)).viewer.id, ada.session.viewerId)
  })

  await context.test('who signs out is told so, and so are their streams', async () => {
    const { kept, storage } = sharedStorage()
    const client = await signIn(context, server.url, 'ada', { storage })
    const told = []
    client.onSession((session) => told.push(session))
    const { accessToken } = kept.tokens
    const next = client.events().next()
    next.catch(() => {})
    await client.signOut()
    await assert.rejects(soon(next, 'the end of the stream'), isRefusal('UNAUTHENTICATED'))
    assert.deepEqual(told, [null])
    assert.equal(kept.tokens, null)
    const body = JSON.stringify({ query: '{ viewer { id } }' })
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` }
    const answer = await fetch(server.url, { method: 'POST', headers, body })
    assert.match(await answer.text(), /UNAUTHENTICATED/, 'the server has ended it too')
  })

  await context.test('a session that was ended elsewhere is over here', async () => {
    const client = await register(context, server.url, 'bob')
    const other = await signIn(context, server.url, 'bob')
    const next = client.events().next()
    next.catch(() => {})
    await other.request(document('LogoutEverywhere'))
    await assert.rejects(client.request(ME), isRefusal('UNAUTHENTICATED'))
    assert.equal(client.session, null)
    await assert.rejects(soon(next, 'the end of the stream'), isRefusal('UNAUTHENTICATED'))
  })
})

test('tokens that run out', async (context) => {
  const server = await startServer(context, { NATTERJACK_ACCESS_TOKEN_TTL: '2s' })
  const proxy = await Proxy.start(context, server)
  const cleo = await register(context, server.url, 'cleo')

  await context.test('they are traded before they run out, once for all who ask', async () => {
    const { counts, fetch } = counting()
    const client = await register(context, server.url, 'ada', { fetch })
    await pause(1700)
    await Promise.all(Array.from({ length: 20 }, () => client.request(ME)))
    assert.deepEqual(counts, { Register: 1, RefreshSession: 1, Me: 20, refused: 0 })
  })

  await context.test('where many are refused at once, they are traded once, and all go well', async () => {
    const { counts, fetch } = counting()
    const client = clientOf(context, server.url, { storage: await spoilt(context, server.url, 'bob'), fetch })
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.request(ME)))
    assert(answers.every(({ viewer }) => viewer.id === client.session.viewerId))
    assert.deepEqual(counts, { RefreshSession: 1, Me: 40, refused: 20 })
  })

  await context.test('a socket that is refused for its token is opened with another', async () => {
    const { counts, fetch } = counting()
    const client = clientOf(context, server.url, { storage: await spoilt(context, server.url, 'gus'), fetch })
    const events = client.events({ positions: [] })
    // As soon as the socket is open it is told that its token runs out within a minute.
    const first = (async () => {
      for await (const event of events) if (event.__typename !== 'SessionExpiring') return event
    })()
    await client.sendMessage({ userId: cleo.session.viewerId, text: 'hello' })
    assert.equal((await soon(first, 'an event')).__typename, 'MembershipChanged')
    assert.equal(counts.RefreshSession, 1)
  })

  for (const hasLocks of [false, true]) {
    await context.test(
      `tabs that share their tokens do not fight, ${hasLocks ? 'with' : 'without'} locks`,
      async (inner) => {
        Object.defineProperty(globalThis, 'navigator', {
          value: hasLocks ? { locks: fakeLocks() } : {},
          configurable: true,
        })
        inner.after(() => Reflect.deleteProperty(globalThis, 'navigator'))
        const { counts, fetch } = counting()
        const { kept, storage } = sharedStorage()
        await register(context, server.url, hasLocks ? 'holger' : 'dora', { storage })
        const tabs = Array.from({ length: 5 }, () => clientOf(context, server.url, { storage, fetch }))
        for (let round = 0; round < 2; round += 1) {
          await pause(1700)
          await Promise.all(tabs.map((tab) => tab.request(ME)))
        }
        assert.equal(counts.refused, 0)
        if (hasLocks) assert.equal(counts.RefreshSession, 2)
        const last = clientOf(context, server.url, { storage })
        assert.equal((await last.request(ME)).viewer.id, tabs[0].session.viewerId)
        assert.equal(kept.tokens.viewerId, tabs[0].session.viewerId)
      },
    )
  }

  await context.test('a trade whose answer is lost is tried again, and the session lives', async () => {
    const { counts, fetch } = counting()
    const client = await register(context, proxy.url, 'emil', { fetch })
    await pause(1700)
    proxy.loseAnswers(2)
    await client.request(ME)
    assert.equal(counts.RefreshSession, 3)
  })

  await context.test('a stream goes on beyond the token that it began with', async () => {
    const ada = await signIn(context, server.url, 'ada')
    const fay = await register(context, server.url, 'fay')
    const conversationId = await createGroup(ada, 'pond', [fay])
    let sockets = 0
    fay.onConnection((state) => (sockets += state === 'open' ? 1 : 0))
    const events = fay.events({ positions: [] })
    const reading = takeUntilText(events, '9')
    for (let number = 0; number < 10; number += 1) {
      await ada.sendMessage({ conversationId, text: `${number}` })
      await pause(500)
    }
    const texts = textsOf(await reading).filter((text) => text !== null)
    assert.deepEqual(texts, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
    assert(sockets >= 3, `${sockets} sockets for five seconds`)
  })
})
