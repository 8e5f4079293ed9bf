import assert from 'node:assert/strict'
import { test } from 'node:test'
import { webStorage } from '@natterjack/client'
import { clientOf, register } from './support/people.mjs'
import { startServer } from './support/server.mjs'

/** A browser's `localStorage` as one tab sees it, and its `storage` events, which tell of the other tabs. */
const fakeBrowser = () => {
  const values = new Map()
  const area = {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => values.set(key, value),
    removeItem: (key) => values.delete(key),
  }
  const page = new EventTarget()
  for (const name of ['addEventListener', 'removeEventListener']) globalThis[name] = page[name].bind(page)
  const tell = (key) => page.dispatchEvent(Object.assign(new Event('storage'), { key }))
  return { area, values, tell }
}

test('the tokens in a browser', async (context) => {
  const { area, values, tell } = fakeBrowser()
  const server = await startServer(context)

  await context.test('what another page has written in their place is no session', () => {
    for (const text of ['', 'null', '{', '7', '{"accessToken":"a"}']) {
      values.set('tokens', text)
      assert.equal(webStorage('tokens', area).load(), null, text)
    }
    values.clear()
  })

  await context.test('a page that is opened again knows at once who is signed in', async () => {
    const ada = await register(context, server.url, 'ada', { storage: webStorage('tokens', area) })
    const again = clientOf(context, server.url, { storage: webStorage('tokens', area) })
    assert.deepEqual(again.session, ada.session)
  })

  await context.test('who signs out in one tab is signed out in the others', async () => {
    const tab = clientOf(context, server.url, { storage: webStorage('tokens', area) })
    const other = clientOf(context, server.url, { storage: webStorage('tokens', area) })
    assert(tab.session)
    const told = new Promise((resolve) => tab.onSession(resolve))
    await other.signOut()
    tell('another key')
    assert(tab.session)
    tell('tokens')
    assert.equal(await told, null)
    assert.equal(tab.session, null)
  })
})
