// The real server, as `cargo build` has made it, on a free port and in a folder of its own.
//
// NATTERJACK_BINARY says where it is; it is needed. Each test that needs one begins it with `await startServer(test)`,
// and it ends with the test.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** How long it may take to start, in milliseconds. */
const START_LIMIT = 30_000

const binary = () => {
  const path = process.env.NATTERJACK_BINARY
  if (!path)
    throw new Error('NATTERJACK_BINARY has to say where the natterjack binary is, e.g. target/debug/natterjack')
  return path
}

/** A port that is free now. */
const freePort = async () => {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address()
  listener.close()
  await once(listener, 'close')
  return port
}

/** The server, which can be killed and started again on the same port with the same data. */
export class Server {
  #folder
  #settings
  #process = null
  port

  constructor(folder, port, settings) {
    this.#folder = folder
    this.#settings = settings
    this.port = port
  }

  /** `http://127.0.0.1:PORT`. */
  get origin() {
    return `http://127.0.0.1:${this.port}`
  }

  get url() {
    return `${this.origin}/graphql`
  }

  /** Starts it, with other settings where some are given, and resolves once it listens. */
  async start(settings = {}) {
    Object.assign(this.#settings, settings)
    const env = {
      PATH: process.env.PATH,
      NATTERJACK_LISTEN: `127.0.0.1:${this.port}`,
      NATTERJACK_DATA_DIR: this.#folder,
      NATTERJACK_CODE_DELIVERY: 'echo',
      NATTERJACK_RATE_LIMITS: 'off',
      NATTERJACK_LOG: 'error',
      ...this.#settings,
    }
    const running = spawn(binary(), { cwd: this.#folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = running
    let said = ''
    running.stderr.on('data', (bytes) => (said = (said + bytes).slice(-4000)))
    const failed = once(running, 'exit').then(([code]) => {
      throw new Error(`the server has ended with ${code}: ${said}`)
    })
    failed.catch(() => {})
    await Promise.race([listening(running.stdout), failed])
    running.stdout.resume()
  }

  /** Ends it at once, as a crash does (`SIGKILL`), or as an operator does (`SIGTERM`). */
  async kill(signal = 'SIGKILL') {
    const running = this.#process
    this.#process = null
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    const over = once(running, 'exit')
    running.kill(signal)
    await over
  }

  async restart(settings) {
    await this.kill()
    await this.start(settings)
  }
}

const listening = async (stdout) => {
  const lines = createInterface({ input: stdout, signal: AbortSignal.timeout(START_LIMIT) })
  for await (const line of lines) if (line.includes('listening on http://')) return lines.close()
  throw new Error('the server does not say that it listens')
}

/** Starts a server that ends with `test` (the context of `node:test`). `settings` are its environment variables. */
export const startServer = async (test, settings = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'natterjack-'))
  const server = new Server(folder, await freePort(), { ...settings })
  test.after(async () => {
    await server.kill()
    await rm(folder, { recursive: true, force: true })
  })
  await server.start()
  return server
}
