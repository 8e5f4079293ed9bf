// A line to the server that can be cut.

import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** Passes bytes to `port` and back, until it is told otherwise. */
export class Proxy {
  #listener
  #pairs = new Set()
  #lost = 0
  #isDown = false

  constructor(port) {
    this.#listener = createServer((near) => this.#join(near, connect(port, '127.0.0.1')))
  }

  /** A proxy before the server that ends with the test. */
  static async start(test, server) {
    const proxy = new Proxy(server.port)
    proxy.#listener.listen(0, '127.0.0.1')
    await once(proxy.#listener, 'listening')
    test.after(() => proxy.#close())
    return proxy
  }

  get url() {
    return `http://127.0.0.1:${this.#listener.address().port}/graphql`
  }

  /** How many connections there are. */
  get size() {
    return this.#pairs.size
  }

  /** Cuts all connections, without a farewell. */
  cut() {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy()
  }

  /** Lets nobody in any more, or again; those that are there are cut. */
  down(isDown) {
    this.#isDown = isDown
    if (isDown) this.cut()
  }

  /** Passes nothing on any more of the connections that are there, without a word. */
  silence() {
    for (const socket of [...this.#pairs].flat()) socket.removeAllListeners('data').resume()
  }

  /** The next `count` answers are lost: the server has sent each, and the connection is cut in its place. */
  loseAnswers(count) {
    this.#lost = count
  }

  #join(near, far) {
    if (this.#isDown) near.resetAndDestroy()
    const pair = [near, far]
    this.#pairs.add(pair)
    const part = () => {
      this.#pairs.delete(pair)
      for (const socket of pair) socket.destroy()
    }
    for (const socket of pair) socket.setNoDelay().on('error', part).on('close', part)
    near.on('data', (bytes) => far.write(bytes))
    far.on('data', (bytes) => {
      if (this.#lost === 0) return near.write(bytes)
      this.#lost -= 1
      near.resetAndDestroy()
    })
  }

  #close() {
    this.#listener.close()
    this.cut()
  }
}
