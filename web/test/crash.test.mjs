import assert from 'node:assert/strict'
import test from 'node:test'
import { startServer } from '../../sdk/typescript/test/support/server.mjs'
import { composer, message, openWith, send, signUp, startBrowser, texts, until } from './support/browser.mjs'

const EACH = 12

/** Writes `EACH` messages, a little apart, as a person would whose keyboard is quick. */
const chatter = async (page, name) => {
  for (let at = 1; at <= EACH; at += 1) {
    await send(page, `${name} ${at}`)
    await page.waitForTimeout(60)
  }
}

test('the server is killed and started again while two people write: nothing is missing or doubled', async (t) => {
  const server = await startServer(t)
  const browser = await startBrowser(t)
  const ada = await signUp(browser, server.origin, 'ada')
  const bob = await signUp(browser, server.origin, 'bob')
  await openWith(ada, 'bob')
  await send(ada, 'Ready?')
  await bob.getByRole('link', { name: /Ready\?/ }).click()
  await message(bob, 'Ready?').waitFor()

  const writing = Promise.all([chatter(ada, 'ada'), chatter(bob, 'bob')])
  await message(bob, 'ada 3').waitFor()
  await server.kill()
  await ada.getByText('Reconnecting').waitFor()
  await writing
  // Also what is written now, and by a page that is loaded anew with nothing sent yet.
  await send(ada, 'Are you there?')
  await ada.reload().catch(() => {})
  await server.start()
  await ada.getByText('Reconnecting').waitFor({ state: 'detached' })
  await composer(ada).waitFor()

  const wanted = 2 + 2 * EACH
  for (const page of [ada, bob]) {
    await until('all messages have come', async () => (await texts(page)).length >= wanted)
    await until('none is under way', async () => (await page.locator('[data-pending]').count()) === 0)
  }
  const [atAda, atBob] = [await texts(ada), await texts(bob)]
  assert.deepEqual(atAda, atBob, 'both have the same, in the same order')
  assert.equal(new Set(atAda).size, wanted)
  for (const name of ['ada', 'bob']) {
    const own = atAda.filter((text) => text.startsWith(`${name} `))
    assert.deepEqual(own, Array.from({ length: EACH }, (_, at) => `${name} ${at + 1}`), 'each in the order in which they wrote')
  }
  assert.deepEqual(bob.complaints, [])
})
