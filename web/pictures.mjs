// Takes the pictures in docs/pictures: `NATTERJACK_BINARY=… npm run pictures -w web`. They are looked at before they are committed.

import { createClient } from '@natterjack/client'
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import WebSocket from 'ws'
import { startServer } from '../sdk/typescript/test/support/server.mjs'
import { openPage, PASSWORD, signIn, startBrowser } from './test/support/browser.mjs'

const FOLDER = fileURLToPath(new URL('../docs/pictures/', import.meta.url))
const DESKTOP = { viewport: { width: 1280, height: 800 } }
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true }

const ask = (client, text, variables) => client.request(new String(text), variables)

/** Some people who know each other. */
async function seed(url) {
  const people = {}
  const names = { mina: 'Mina Okafor', jonas: 'Jonas Lind', aiko: 'Aiko Tanaka', bea: 'Beatriz Sá', tomhale: 'Tom Hale', ruth: 'Ruth Abara' }
  for (const [username, displayName] of Object.entries(names)) {
    people[username] = createClient({ url, webSocket: WebSocket })
    await people[username].register({ username, displayName, password: PASSWORD, deviceName: 'Firefox on Linux' })
  }
  const { mina, jonas, aiko, bea, tomhale, ruth } = people
  const id = (client) => client.session.viewerId
  const say = async (client, conversationId, text, more = {}) => (await client.sendMessage({ conversationId, text, ...more })).message
  const react = (client, { id: messageId }, emoji) =>
    ask(client, 'mutation ($input: SetReactionInput!) { setReaction(input: $input) { errors { message } } }', { input: { messageId, emoji, isOn: true } })
  const open = async (client, username) => {
    const answer = await ask(client, 'mutation ($u: String!) { openConversation(input: {with: {username: $u}}) { conversation { id } } }', { u: username })
    return answer.openConversation.conversation.id
  }
  const group = async (client, input) => {
    const answer = await ask(client, 'mutation ($input: CreateGroupInput!) { createGroup(input: $input) { conversation { id } } }', { input })
    return answer.createGroup.conversation.id
  }

  await group(ruth, { name: 'Committee', inviteIds: [id(mina)] })
  await group(ruth, { name: 'Night walks', description: 'Every second Friday, from the old pump house.', visibility: 'PUBLIC', memberIds: [id(tomhale)] })
  await group(bea, { name: 'Field recordings', description: 'Bring headphones.', visibility: 'PUBLIC', memberIds: [id(aiko), id(jonas)] })
  const keys = await open(bea, 'mina')
  await say(mina, keys, 'The keys are under the blue pot.')
  await say(bea, keys, 'Found them, thank you!')

  const pond = await group(mina, {
    name: 'Pond survey',
    description: 'Who counts what, where and when. New people welcome.',
    visibility: 'PUBLIC',
    memberIds: [jonas, aiko, bea, tomhale].map(id),
  })
  await say(aiko, pond, 'North bank is done: 14 adults, two strings of spawn.')
  await say(aiko, pond, 'Water is at 12 °C, which is about right for this week.')
  const swap = await say(tomhale, pond, 'South bank tomorrow, unless somebody wants to swap?')
  await say(bea, pond, 'I can swap. Mornings are easier for me anyway.', { replyToId: swap.id })
  const plan = await say(mina, pond, 'Then it’s Bea in the morning and Tom at dusk. I’ll put it on the map.')
  for (const [client, emoji] of [[tomhale, '👍'], [bea, '👍'], [aiko, '💚']]) await react(client, plan, emoji)
  await say(tomhale, pond, 'Perfect. Bring boots: the sand is soft past the second post.')

  const dusk = await open(mina, 'jonas')
  await say(jonas, dusk, 'Did you get home dry?')
  await say(mina, dusk, 'Barely. The path by the reeds is a stream now.')
  await say(mina, dusk, 'I counted eleven, by the way. Eleven!')
  const eleven = await say(jonas, dusk, 'Eleven natterjacks? On that one bank?')
  await react(mina, eleven, '🐸')
  await say(mina, dusk, 'All calling at once. I recorded four minutes before my phone gave up: https://example.org/sounds/dusk-04')
  const loudest = await say(jonas, dusk, 'That is the loudest animal of its size for a long way around, and you stood in the middle of eleven of them.')
  for (const client of [mina, jonas]) await react(client, loudest, '😂')
  await say(mina, dusk, 'I regret nothing', { replyToId: loudest.id })
  await ask(jonas, 'mutation ($input: MarkInput!) { markRead(input: $input) { errors { message } } }', { input: { conversationId: dusk } })
  await say(jonas, dusk, 'Same time tomorrow? I’ll bring the good torch.')
  const net = await open(aiko, 'mina')
  await say(aiko, net, 'Can I borrow the long net on Saturday?')

  // They are online while they listen.
  for (const client of [jonas, aiko, tomhale]) void client.events().next()
  return { dusk, pond, close: () => Object.values(people).forEach((client) => client.close()) }
}

const ends = []
const run = { after: (end) => ends.unshift(end) }
try {
  await mkdir(FOLDER, { recursive: true })
  const { origin, url } = await startServer(run)
  const browser = await startBrowser(run)
  const { dusk, pond, close } = await seed(url)
  run.after(close)

  const screens = [
    ['talk', `/#/c/${dusk}`, (page) => page.getByRole('link', { name: /Jonas Lind/ }).filter({ hasNotText: 'unread' }).or(page.getByRole('link', { name: /Back/ })).first()],
    ['group', `/#/c/${pond}/about`, (page) => page.getByRole('complementary').getByText('Tom Hale')],
    ['list', '/#/', (page) => page.getByRole('link', { name: /Jonas Lind/ })],
    ['rooms', '/#/rooms', (page) => page.getByRole('link', { name: /Night walks/ })],
    ['you', '/#/you', (page) => page.getByRole('list', { name: 'Sessions' })],
  ]
  for (const [size, options] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    for (const colorScheme of ['light', 'dark']) {
      const take = async (page, name) => {
        await page.mouse.move(0, 0)
        await page.evaluate(() => document.fonts.ready.then(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))))
        await page.screenshot({ path: `${FOLDER}${name}-${size}-${colorScheme}.png` })
      }
      const entry = await openPage(browser, origin, '/', { ...options, colorScheme })
      await take(entry, 'entry')
      await entry.context().close()
      const mina = await signIn(browser, origin, 'mina', '/', { ...options, colorScheme })
      for (const [name, path, seen] of screens) {
        await mina.goto(origin + path)
        await seen(mina).waitFor()
        await take(mina, name)
      }
      await mina.context().close()
    }
  }
} finally {
  for (const end of ends) await end()
}
