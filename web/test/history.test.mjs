import assert from 'node:assert/strict'
import test from 'node:test'
import { startServer } from '../../sdk/typescript/test/support/server.mjs'
import { messages, send, signIn, startBrowser, texts, until } from './support/browser.mjs'
import { longConversation } from './support/seed.mjs'

const COUNT = process.env.NATTERJACK_LONG_TESTS ? 10_000 : 1_000

// What is drawn at once, however much is held: some screens' worth.
const MOST_ROWS = 300

/** Scrolls as fast as a wheel is turned, up to the beginning, and tells how long frames took, in milliseconds. */
const scrollUp = (log) =>
  log.evaluate(async (element) => {
    const frames = []
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
    let before = await frame()
    for (let still = 0; still < 60; ) {
      const from = element.scrollTop
      element.scrollTop -= 240
      const now = await frame()
      frames.push(now - before)
      before = now
      still = element.scrollTop === from ? still + 1 : 0
    }
    frames.sort((a, b) => a - b)
    const at = (share) => Math.round(frames[Math.floor((frames.length - 1) * share)] * 10) / 10
    return { frames: frames.length, median: at(0.5), p95: at(0.95), p99: at(0.99), worst: at(1) }
  })

const firstSeen = (log) =>
  log.evaluate((element) => {
    const edge = element.getBoundingClientRect().top
    const row = [...element.querySelectorAll('article')].find((each) => each.getBoundingClientRect().top >= edge)
    return { text: row.querySelector('.bubble-text').textContent, top: Math.round(row.getBoundingClientRect().top - edge) }
  })

test(`a conversation of ${COUNT} messages`, async (suite) => {
  const server = await startServer(suite)
  const browser = await startBrowser(suite)
  const id = await longConversation(server.url, 'ada', 'bob', COUNT)
  const ada = await signIn(browser, server.origin, 'ada', `/#/c/${id}`)
  const log = messages(ada)
  await log.getByRole('article').first().waitFor()

  await suite.test('it opens at its end', async () => {
    assert.equal(await log.evaluate((element) => Math.round(element.scrollHeight - element.scrollTop - element.clientHeight)), 0)
  })

  await suite.test('what is read stays in its place while what was said before is fetched', async () => {
    const held = () => log.evaluate((element) => element.scrollHeight)
    const before = await held()
    const seen = await log.evaluate(async (element) => {
      element.scrollTop = 700
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
      return element.scrollTop
    })
    assert.ok(seen > 0)
    const place = await firstSeen(log)
    await until('a page was fetched', async () => (await held()) > before + 1000)
    const after = await firstSeen(log)
    assert.equal(after.text, place.text)
    assert.ok(Math.abs(after.top - place.top) <= 2, `it has moved from ${place.top} to ${after.top}`)
  })

  await suite.test('one scrolls to its beginning without a stutter', async (t) => {
    for (let rounds = 0; !(await ada.getByText('This is where you and bob begin').count()); rounds += 1) {
      assert.ok(rounds < 40, 'the beginning does not come')
      t.diagnostic(`frames of scrolling ${COUNT} messages, in ms: ${JSON.stringify(await scrollUp(log))}`)
    }
    const rows = await log.locator('article').count()
    assert.ok(rows < MOST_ROWS, `${rows} messages are drawn at once`)
    const again = await log.evaluate((element) => (element.scrollTop = element.scrollHeight)).then(() => scrollUp(log))
    t.diagnostic(`the same with all of them fetched: ${JSON.stringify(again)}`)
    // A frame of a screen is 16.7 ms; on a machine that tests, others take their share.
    assert.ok(again.median < 50, `half of the frames take longer than ${again.median} ms`)
  })

  await suite.test('one who reads what was said before stays there when something new comes, and is led to the end', async () => {
    const bob = await signIn(browser, server.origin, 'bob', `/#/c/${id}`)
    const place = await firstSeen(log)
    await send(bob, 'And now?')
    await ada.getByRole('button', { name: /To the latest, 1 unread/ }).waitFor()
    assert.deepEqual(await firstSeen(log), place)
    await ada.getByRole('button', { name: /To the latest/ }).click()
    await until('the end is there', async () => (await texts(ada)).at(-1) === 'And now?')
    await bob.getByText('Read', { exact: true }).last().waitFor()
  })

  await suite.test('one who follows a link to an old message sees it, and what stands about it', async () => {
    await ada.goto(`${server.origin}/#/c/${id}/search`)
    await ada.getByLabel('Words').fill(`message ${Math.round(COUNT / 2)}`)
    const found = ada.getByRole('list', { name: 'Messages found' }).getByRole('link').first()
    await found.click()
    const target = log.locator('article[data-found="true"]')
    await target.waitFor()
    assert.ok(await target.evaluate((element) => element.getBoundingClientRect().top > 0 && element.getBoundingClientRect().bottom < innerHeight))
  })
  assert.deepEqual(ada.complaints, [])
})
