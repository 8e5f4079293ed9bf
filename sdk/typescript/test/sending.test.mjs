import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as natterjack from '@natterjack/client'
import { ConnectionError, NatterjackError, newClientId, TypedDocumentString, unwrap } from '@natterjack/client'
import { clientOf, register, signIn } from './support/people.mjs'
import { Proxy } from './support/proxy.mjs'
import { counting } from './support/requests.mjs'
import { startServer } from './support/server.mjs'
import { connectionIs, takeUntilText } from './support/streams.mjs'
import { createGroup, document, history } from './support/talk.mjs'

const isRefusal = (code) => (error) => error instanceof NatterjackError && error.code === code

test('sending', async (context) => {
  const server = await startServer(context)
  const proxy = await Proxy.start(context, server)
  const ada = await register(context, server.url, 'ada')
  const pond = await createGroup(ada, 'pond', [])

  await context.test(
    'a message whose answers are lost is sent again under one client id, and stored once',
    async () => {
      const { counts, fetch } = counting()
      const client = await signIn(context, proxy.url, 'ada', { fetch })
      proxy.loseAnswers(3)
      const { message, isRepeat } = await client.sendMessage({ conversationId: pond, text: 'once' })
      assert.equal(counts.SendMessage, 4)
      assert.equal(isRepeat, true, 'an earlier try was stored')
      const stored = (await history(ada, pond)).filter(({ text }) => text === 'once')
      assert.deepEqual(
        stored.map(({ id }) => id),
        [message.id],
      )
    },
  )

  await context.test('who gives up may send it again later under the same client id', async () => {
    const client = await signIn(context, proxy.url, 'ada')
    const draft = { conversationId: pond, text: 'later', clientId: newClientId() }
    proxy.loseAnswers(1)
    await assert.rejects(client.sendMessage(draft, { retryFor: 0 }), (error) => error instanceof ConnectionError)
    const { isRepeat } = await client.sendMessage(draft)
    assert.equal(isRepeat, true)
  })

  await context.test('another text under a used client id is refused, and not tried again', async () => {
    const { counts, fetch } = counting()
    const client = await signIn(context, server.url, 'ada', { fetch })
    const clientId = newClientId()
    await client.sendMessage({ conversationId: pond, text: 'one', clientId })
    await assert.rejects(client.sendMessage({ conversationId: pond, text: 'two', clientId }), isRefusal('CONFLICT'))
    assert.equal(counts.SendMessage, 2)
  })

  await context.test('what is wrong with an input says which field is at fault', async () => {
    const sending = ada.sendMessage({ conversationId: pond, text: ' ' })
    await assert.rejects(sending, ({ code, field }) => code === 'INVALID_INPUT' && field.join('.') === 'input.text')
  })

  await context.test('a caller who has waited long enough stops it', async () => {
    const client = await signIn(context, proxy.url, 'ada')
    const waiting = new AbortController()
    proxy.down(true)
    const sending = client.sendMessage({ conversationId: pond, text: 'never' }, { signal: waiting.signal })
    setTimeout(() => waiting.abort(new Error('enough')), 100)
    await assert.rejects(sending, /enough/)
    proxy.down(false)
  })

  await context.test('client ids are UUIDs of version 4', () => {
    assert.match(newClientId(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.notEqual(newClientId(), newClientId())
  })
})

test('limits', async (context) => {
  const server = await startServer(context, {
    NATTERJACK_RATE_LIMITS: 'on',
    NATTERJACK_SENDS_PER_VIEWER: '1/s burst 1',
  })
  const ada = await register(context, server.url, 'ada')
  const bob = await register(context, server.url, 'bob')
  const to = { userId: bob.session.viewerId }

  await context.test(
    'what is too much says when it can be asked again, and under what the log tells of it',
    async () => {
      await ada.sendMessage({ ...to, text: 'one' })
      const refused = ada.sendMessage({ ...to, text: 'two' }, { retryFor: 0 })
      await assert.rejects(refused, ({ code, retryAfter, requestId }) => {
        return code === 'RATE_LIMITED' && retryAfter === 1 && /^req_/.test(requestId)
      })
    },
  )

  await context.test('a message waits until it may be sent', async () => {
    const began = Date.now()
    await ada.sendMessage({ ...to, text: 'two' })
    assert(Date.now() - began >= 900)
  })
})

test('requests', async (context) => {
  const server = await startServer(context)
  const ada = await register(context, server.url, 'ada')

  await context.test('a document that is refused says so, with what stands beside the error', async () => {
    const wrong = new TypedDocumentString('query Wrong { viewer { nothing } }')
    await assert.rejects(ada.request(wrong), isRefusal('QUERY_REFUSED'))
    const half = new TypedDocumentString('query Half { server { name } viewer { id } }')
    const stranger = clientOf(context, server.url)
    assert.deepEqual(await stranger.request(half), { server: { name: 'natterjack' }, viewer: null })
  })

  await context.test("a mutation's own errors are thrown by unwrap", async () => {
    const { createGroup } = await ada.request(document('CreateGroup'), { input: { name: '' } })
    assert.throws(
      () => unwrap(createGroup),
      ({ code, field }) => code === 'INVALID_INPUT' && field.at(-1) === 'name',
    )
    assert.throws(() => unwrap(null), isRefusal('INTERNAL'))
  })

  await context.test('no answer is a ConnectionError', async () => {
    const client = clientOf(context, 'http://127.0.0.1:9/graphql')
    await assert.rejects(client.request(document('Me')), (error) => error instanceof ConnectionError && !error.status)
  })

  await context.test('an answer of a proxy in place of the server is a ConnectionError with its status', async () => {
    const proxy = createServer((_, response) => response.writeHead(502).end('<h1>Bad gateway</h1>')).listen(
      0,
      '127.0.0.1',
    )
    await once(proxy, 'listening')
    context.after(() => proxy.close())
    const client = clientOf(context, `http://127.0.0.1:${proxy.address().port}/graphql`)
    await assert.rejects(
      client.request(document('Me')),
      (error) => error instanceof ConnectionError && error.status === 502,
    )
  })

  await context.test('an answer that takes too long is a ConnectionError', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    context.after(() => (silent.close(), silent.closeAllConnections()))
    const client = clientOf(context, `http://127.0.0.1:${silent.address().port}/graphql`, { timeout: 50 })
    await assert.rejects(client.request(document('Me')), (error) => error instanceof ConnectionError)
  })

  await context.test('an address that is none is refused at once', () => {
    assert.throws(() => clientOf(context, 'ftp://127.0.0.1/graphql'), TypeError)
  })
})

test('an operator who lets only known documents run lets those of the package run', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'natterjack-documents-'))
  context.after(() => rm(folder, { recursive: true }))
  const texts = Object.values(natterjack).filter((value) => value instanceof TypedDocumentString)
  const operations = texts.map(String).filter((text) => /^\s*(query|mutation|subscription)/.test(text))
  const file = join(folder, 'documents.json')
  await writeFile(file, JSON.stringify(Object.fromEntries(operations.entries())))
  const server = await startServer(context, { NATTERJACK_TRUSTED_DOCUMENTS: file })
  const ada = await register(context, server.url, 'ada')
  const events = ada.events()
  const hearing = takeUntilText(events, 'hello')
  await connectionIs(ada, 'open')
  const bob = await register(context, server.url, 'bob')
  await bob.sendMessage({ userId: ada.session.viewerId, text: 'hello' })
  await hearing
  await events.return()
  await assert.rejects(ada.request(document('Me')), isRefusal('QUERY_REFUSED'))
})
