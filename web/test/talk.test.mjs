import assert from 'node:assert/strict'
import test from 'node:test'
import { startServer } from '../../sdk/typescript/test/support/server.mjs'
import { composer, message, messages, openPage, openWith, PASSWORD, send, signUp, startBrowser, texts, until } from './support/browser.mjs'

test('people in browsers', async (suite) => {
  const { origin } = await startServer(suite)
  const browser = await startBrowser(suite)
  const ada = await signUp(browser, origin, 'ada')

  await suite.test('two people talk within a minute: one makes an account, finds the other, and writes', async () => {
    const bob = await signUp(browser, origin, 'bob')
    await openWith(ada, 'bob')
    await send(ada, 'Can you hear me?')
    await bob.getByRole('link', { name: /ada.*Can you hear me\?.*1 unread/ }).click()
    await message(bob, 'Can you hear me?').waitFor()

    // Reading is told.
    await message(ada, 'Can you hear me?').getByText('Read', { exact: true }).waitFor()
    await bob.getByRole('link', { name: /ada/ }).getByText('unread').waitFor({ state: 'detached' })

    // So is typing, and that it has ceased.
    await composer(bob).pressSequentially('Yes, l')
    await messages(ada).getByText('bob is typing').waitFor()
    await composer(bob).fill('Yes, loud and clear.')
    await composer(bob).press('Enter')
    await message(ada, 'Yes, loud and clear.').waitFor()
    await messages(ada).getByText('bob is typing').waitFor({ state: 'detached' })
    assert.deepEqual(await texts(ada), ['Can you hear me?', 'Yes, loud and clear.'])

    // And who is there.
    await ada.locator('.talk-status').getByText('Online').waitFor()
    await bob.context().close()
  })

  await suite.test('messages are reacted to, answered, changed and deleted', async () => {
    const bea = await signUp(browser, origin, 'bea', '/#/with/ada')
    await send(bea, 'Eleven natterjacks on one bank')
    await ada.getByRole('link', { name: /bea/ }).click()

    await message(ada, 'Eleven natterjacks on one bank').hover()
    await ada.getByRole('button', { name: 'React with 👍' }).click()
    await message(bea, 'Eleven natterjacks on one bank').getByRole('button', { name: '👍 1' }).waitFor()

    await ada.getByRole('button', { name: 'Reply' }).click()
    await send(ada, 'All calling?')
    await message(bea, 'All calling?').getByText('Eleven natterjacks on one bank').waitFor()

    // With nothing written, the arrow takes up the last one again.
    await composer(ada).press('ArrowUp')
    await send(ada, 'All calling at once?')
    await message(bea, 'All calling at once?').getByText('edited').waitFor()

    await message(ada, 'All calling at once?').hover()
    await ada.getByRole('button', { name: 'Delete' }).click()
    await ada.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await message(bea, 'Message deleted').waitFor()
    assert.deepEqual(await texts(bea), ['Eleven natterjacks on one bank', 'Message deleted'])

    // What concerns one is told, and seen by looking.
    await bea.getByRole('link', { name: /Notifications/ }).click()
    await bea.getByRole('list', { name: 'Notifications' }).getByText('reacted to what you said').waitFor()
    assert.deepEqual(bea.complaints, [])
    await bea.context().close()
  })

  await suite.test('what others write is text, whatever it looks like', async () => {
    const eve = await signUp(browser, origin, 'eve', '/#/with/ada')
    const text = '<img src=x onerror=alert(1)> javascript:alert(2) https://example.org/(a)?b=<c>.'
    await send(eve, text)
    await ada.getByRole('link', { name: /eve/ }).click()
    const said = messages(ada).locator('.bubble-text').last()
    assert.equal(await said.textContent(), text)
    assert.equal(await said.locator('img').count(), 0)
    const links = said.locator('a')
    assert.deepEqual(await links.evaluateAll((all) => all.map((each) => [each.href, each.rel])), [
      ['https://example.org/(a)?b=', 'noopener noreferrer nofollow'],
    ])

    // Words without an end do not make the page wider than it is.
    await send(eve, 'x'.repeat(4000))
    await until('the long word stands in the log', async () => (await texts(ada)).length === 2)
    assert.ok(await ada.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
    await eve.context().close()
  })

  await suite.test('a group is made, found among the rooms and joined', async () => {
    await ada.goto(`${origin}/#/group`)
    await ada.getByLabel('Name').fill('Pond life')
    await ada.getByLabel('Anybody may find and join it').check()
    await ada.getByRole('button', { name: 'Make the group' }).click()
    await send(ada, 'Who croaks?')

    const cyd = await signUp(browser, origin, 'cyd', '/#/rooms')
    await cyd.getByLabel('Find a room').fill('pond')
    await cyd.getByRole('link', { name: /Pond life/ }).click()
    await cyd.getByRole('button', { name: 'Join' }).click()
    await message(cyd, 'Who croaks?').waitFor()
    await messages(ada).getByText('cyd came in').waitFor()
    await send(cyd, 'I do.')
    await message(ada, 'I do.').waitFor()

    // The owner says who is what in it.
    await ada.getByRole('link', { name: 'About this conversation' }).click()
    await ada.getByLabel('Role of cyd').selectOption('ADMIN')
    await messages(cyd).getByText('ada made you an admin').waitFor()

    // Words are found, and lead to where they were said.
    await cyd.goto(`${origin}/#/search`)
    await cyd.getByLabel('Words').fill('croak')
    await cyd.getByRole('list', { name: 'Messages found' }).getByRole('link', { name: /Who croaks\?/ }).click()
    await message(cyd, 'Who croaks?').waitFor()
    assert.deepEqual([...ada.complaints, ...cyd.complaints], [])
    await cyd.context().close()
  })

  await suite.test('one signs in by a code', async () => {
    const page = await openPage(browser, origin)
    await page.getByRole('button', { name: 'I have an account' }).click()
    await page.getByRole('button', { name: 'Sign in with a code instead' }).click()
    await page.getByLabel('Email or mobile number').fill('dan@example.org')
    await page.getByRole('button', { name: 'Send me a code' }).click()
    const code = (await page.locator('.echo').textContent()) ?? ''
    assert.match(code, /^\d{6}$/)

    await page.getByLabel('Code').fill(code === '000000' ? '111111' : '000000')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('alert').waitFor()

    await page.getByLabel('Code').fill(code)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('heading', { name: /Hello/ }).waitFor()
    await page.context().close()
  })

  await suite.test('what is wrong is told beside its field', async () => {
    const page = await openPage(browser, origin)
    const problem = (label) => page.locator('.field').filter({ hasText: label }).getByRole('alert')
    await page.getByLabel('Your name here').fill('ada')
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Create account' }).click()
    await problem('Your name here').waitFor()

    await page.getByLabel('Your name here').fill('adabell')
    await page.getByLabel('Password').fill('password')
    await page.getByRole('button', { name: 'Create account' }).click()
    await problem('Password').waitFor()
    assert.equal(await page.getByLabel('Password').getAttribute('aria-invalid'), 'true')

    await page.getByRole('button', { name: 'I have an account' }).click()
    await page.getByLabel('Username, email or number').fill('ada')
    await page.getByLabel('Password').fill('not the password')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await problem('Password').waitFor()
    await page.context().close()
  })

  await suite.test('another tab of the same person has the same session, and signing out ends it in both', async () => {
    const second = await ada.context().newPage()
    await second.goto(`${origin}/#/you`)
    await second.getByRole('button', { name: 'Sign out' }).click()
    await second.getByRole('button', { name: 'I have an account' }).waitFor()
    await ada.getByRole('button', { name: 'I have an account' }).waitFor()
    assert.equal(await ada.evaluate(() => localStorage.getItem('natterjack.tokens')), null)
  })
})
