// People in browsers: each has a context of their own, as on a device of their own.

export const PASSWORD = 'three ponds at dusk'

/** How long anything may take to show, in milliseconds: machines that test are busy. */
const PATIENCE = 15_000

// The same as for GraphiQL: nothing but this machine can be reached from it.
export { startBrowser } from '../../../graphiql/test/support/browser.mjs'

/** A page of a person's own. What it logs as an error, throws or asks of others is collected, and told by `complaints`. */
export const openPage = async (browser, origin, path = '/', options = {}) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options })
  context.setDefaultTimeout(PATIENCE)
  const page = await context.newPage()
  const complaints = []
  page.on('pageerror', (error) => complaints.push(`threw: ${error.message}`))
  page.on('console', (said) => {
    // A server that is away is told by the browser itself.
    if (said.type() === 'error' && !/Failed to load resource|WebSocket connection/.test(said.text())) complaints.push(`logged: ${said.text()}`)
  })
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.protocol.startsWith('http') && url.origin !== origin) complaints.push(`asked ${url.origin}`)
  })
  await page.goto(origin + path)
  return Object.assign(page, { complaints })
}

/** Somebody who has just made an account in a browser of their own. */
export const signUp = async (browser, origin, username, path = '/', options = {}) => {
  const page = await openPage(browser, origin, path, options)
  await page.getByLabel('Your name here').fill(username)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByRole('navigation', { name: 'Main' }).waitFor()
  return page
}

/** Somebody who has an account already. */
export const signIn = async (browser, origin, username, path = '/', options = {}) => {
  const page = await openPage(browser, origin, path, options)
  await page.getByRole('button', { name: 'I have an account' }).click()
  await page.getByLabel('Username, email or number').fill(username)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('navigation', { name: 'Main' }).waitFor()
  return page
}

export const openWith = async (page, username) => {
  await page.getByLabel('Find somebody').fill(username)
  await page.getByRole('list', { name: 'People' }).getByRole('button', { name: `@${username}` }).click()
  await composer(page).waitFor()
}

export const composer = (page) => page.getByLabel('Message', { exact: true })

export const send = async (page, text) => {
  await composer(page).fill(text)
  await composer(page).press('Enter')
}

export const messages = (page) => page.getByRole('log', { name: 'Messages' })

/** The message of that text, in the log. */
export const message = (page, text) => messages(page).getByRole('article').filter({ has: page.getByText(text, { exact: true }) })

/** The texts of all messages that stand in the log, in their order. */
export const texts = (page) => messages(page).locator('article .bubble-text').allTextContents()

/** Resolves once `holds` answers true. */
export const until = async (what, holds) => {
  const end = Date.now() + PATIENCE
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it has not come to pass that ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
