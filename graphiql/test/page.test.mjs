// GraphiQL in a browser, from the real binary: NATTERJACK_BINARY says where it is.

import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { startServer } from '../../sdk/typescript/test/support/server.mjs'
import { openPage, startBrowser } from './support/browser.mjs'
import { GraphiQL } from './support/graphiql.mjs'

const module = { after }
const [server, browser] = await Promise.all([startServer(module), startBrowser(module)])

const open = async (origin = server.origin, options = {}) => {
  const { page, complaints } = await openPage(browser, origin, options)
  const graphiql = new GraphiQL(page)
  await graphiql.open(`${origin}/graphiql`)
  return { page, complaints, graphiql }
}

const post = async (token, query, variables) => {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const response = await fetch(server.url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })
  return response.json()
}

test('the tabs run one after the other, and a message that is sent meanwhile shows up', async () => {
  const { complaints, graphiql } = await open()
  await graphiql.run()
  const { data: people } = await graphiql.answer('bob')
  await graphiql.owner(/Signed in as ada-/)
  assert.equal(await graphiql.token.inputValue(), people.ada.tokens.accessToken)

  await graphiql.tab('Open')
  await graphiql.run()
  const { id } = (await graphiql.answer('openConversation')).data.openConversation.conversation

  await graphiql.tab('Send')
  await graphiql.run()
  assert.equal((await graphiql.answer('sendMessage')).data.sendMessage.message.status, 'SENT')

  await graphiql.tab('Subscribe')
  await graphiql.run()
  assert.equal((await graphiql.answer('messageAdded')).data.messageAdded.text, 'Can you hear me?')
  const text = 'Yes, loud and clear.'
  const send =
    'mutation($to: ConversationRef!, $text: String!) { sendMessage(input: {to: $to, text: $text}) { errors { code } } }'
  await post(people.bob.tokens.accessToken, send, { to: { conversationId: id }, text })
  const { author } = (await graphiql.answer(text)).data.messageAdded
  assert.match(author.displayName, /^bob-/)
  await graphiql.stop()

  await graphiql.write('{ viewer { user { displayName } } }')
  await graphiql.run()
  assert.match((await graphiql.answer('viewer')).data.viewer.user.displayName, /^ada-/)
  assert.deepEqual(complaints, [])
})

test('one is who the token says, until the browser tab is closed', async () => {
  const { page, complaints, graphiql } = await open()
  await graphiql.owner('Not signed in')
  await graphiql.run()
  await graphiql.owner(/Signed in as ada-/)
  await graphiql.tab('SignIn')
  await graphiql.run()
  await graphiql.owner(/Signed in as bob-/)

  await page.reload()
  await graphiql.owner(/Signed in as bob-/)
  await graphiql.token.fill('nobody')
  await graphiql.owner(/Not signed in: ./)
  await graphiql.token.fill('')
  await graphiql.owner(/^Not signed in$/)
  const elsewhere = await page.context().newPage()
  await new GraphiQL(elsewhere).open(`${server.origin}/graphiql`)
  await new GraphiQL(elsewhere).owner('Not signed in')
  assert.equal(await elsewhere.evaluate(() => localStorage.length), 0)
  assert.deepEqual(complaints, [])
})

test('a subscription is refused, and its socket closed, in words', async () => {
  const { graphiql } = await open()
  await graphiql.write('subscription { events { __typename } }')
  await graphiql.run()
  assert.equal((await graphiql.answer('errors')).errors[0].extensions.code, 'UNAUTHENTICATED')
  await graphiql.token.fill('nobody')
  await graphiql.run()
  assert.match((await graphiql.answer('socket')).errors[0].message, /^the socket was closed: 4403 ./)
})

test('documentation, completion, mistakes and history break no rule', async () => {
  const { page, complaints, graphiql } = await open()
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click()
  await page.getByRole('link', { name: 'Subscription', exact: true }).click()
  await page.getByText('Everything that happens where the viewer is a member').waitFor()
  await page.getByRole('combobox').fill('sendMess')
  await page
    .getByRole('option', { name: /SendMessageInput/ })
    .first()
    .click()
  await page.getByRole('button', { name: 'Show History' }).click()

  await graphiql.write('{ nothing }')
  await page.locator('.CodeMirror-lint-mark-error').first().hover()
  await page.getByText('Cannot query field "nothing"').waitFor()
  await graphiql.write('{  }')
  await page.locator('.graphiql-query-editor .CodeMirror').evaluate(({ CodeMirror: editor }) => {
    editor.focus()
    editor.setCursor(0, 2)
  })
  await page.keyboard.press('Control+Space')
  await page.locator('.CodeMirror-hints').getByText('publicConversations').waitFor()
  assert.deepEqual(complaints, [])
})

test('it is light or dark as the system is, or as it is set, and its dialogs break no rule', async () => {
  const { page, complaints } = await open(server.origin, { colorScheme: 'dark' })
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const [light, dark] = ['rgb(255, 255, 255)', 'rgb(33, 42, 59)']
  assert.equal(await background(), dark)
  await page.emulateMedia({ colorScheme: 'light' })
  assert.equal(await background(), light)
  await page.getByRole('button', { name: 'Open short keys dialog' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Close dialog' }).click()
  await page.getByRole('button', { name: 'Open settings dialog' }).click()
  await page.getByRole('button', { name: 'Dark' }).click()
  assert.equal(await background(), dark)
  await page.getByRole('button', { name: 'Light' }).click()
  assert.equal(await background(), light)
  assert.deepEqual(complaints, [])
})

test('without introspection it says so, and runs what it is given', async (t) => {
  const silent = await startServer(t, { NATTERJACK_INTROSPECTION: 'off' })
  const { page, complaints, graphiql } = await open(silent.origin)
  await page.getByText('The server does not tell its schema').waitFor()
  await graphiql.run()
  await graphiql.owner(/Signed in as ada-/)
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click()
  await silent.restart({ NATTERJACK_INTROSPECTION: 'on' })
  await page.getByRole('button', { name: 'Re-fetch GraphQL schema' }).click()
  await page.getByText('The server does not tell its schema').waitFor({ state: 'detached' })
  await page.getByRole('link', { name: 'Subscription', exact: true }).waitFor()
  assert.deepEqual(complaints, [])
})

test('where the browser keeps nothing for pages, it runs all the same', async () => {
  const { page, complaints } = await openPage(browser, server.origin)
  await page.addInitScript(() => {
    const denied = () => {
      throw new DOMException('denied', 'SecurityError')
    }
    Object.defineProperty(window, 'sessionStorage', { get: denied })
  })
  const graphiql = new GraphiQL(page)
  await graphiql.open(`${server.origin}/graphiql`)
  await graphiql.run()
  await graphiql.owner(/Signed in as ada-/)
  assert.deepEqual(complaints, [])
})

test('a server that is gone is named', async (t) => {
  const away = await startServer(t)
  const { graphiql } = await open(away.origin)
  await away.kill()
  await graphiql.run()
  assert.equal((await graphiql.answer('errors')).errors[0].message, 'the server does not answer')
})
