// Debian's Chromium, from which nothing but this machine can be reached, and pages whose every complaint is noted.

import { chromium } from 'playwright-core'

/** How long a step may take, in milliseconds: far longer than it does on a machine that others keep busy. */
const PATIENCE = 15_000

/**
 * Starts the browser; it ends with `test` (the context of `node:test`, or the module itself).
 *
 * NATTERJACK_CHROMIUM says where it is, if not where Debian has it.
 */
export const startBrowser = async (test) => {
  const browser = await chromium.launch({
    executablePath: process.env.NATTERJACK_CHROMIUM ?? '/usr/bin/chromium',
    // As root, as in many a container, Chromium runs without its sandbox only.
    args: ['--no-sandbox', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  })
  test.after(() => browser.close())
  return browser
}

const isOf = (origin, url) => {
  const { protocol, host } = new URL(url)
  return protocol === 'data:' || protocol === 'blob:' || host === new URL(origin).host
}

/**
 * A page of its own in a context of its own, and what was wrong in it: in `complaints`, each request that went elsewhere than
 * to `origin` and each that failed, each error or warning on the console, a breach of the content security policy among them,
 * and each error that nobody has caught.
 */
export const openPage = async (browser, origin, options = {}) => {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE)
  const complaints = []
  page.on('request', (request) => isOf(origin, request.url()) || complaints.push(`asks ${request.url()}`))
  page.on('websocket', (socket) => isOf(origin, socket.url()) || complaints.push(`opens ${socket.url()}`))
  page.on('requestfailed', (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`))
  page.on('response', (response) => response.ok() || complaints.push(`${response.url()}: ${response.status()}`))
  page.on('pageerror', (error) => complaints.push(`${error}`))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  return { page, complaints }
}
