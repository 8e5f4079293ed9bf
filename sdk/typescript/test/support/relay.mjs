// A server's socket as one that stands between sees it: every message can be read, and another told in its place.

import { once } from 'node:events'
import { createServer, request } from 'node:http'
import WebSocket, { WebSocketServer } from 'ws'

/** What a server says of an event while a store is away: nothing, and then that the operation is over. */
const AWAY = { data: null, errors: [{ message: 'try again', path: ['events'], extensions: { code: 'UNAVAILABLE' } }] }

/** Passes messages on, and tells of a store that is away in place of the events that it is told to. */
export class Relay {
  /** How many of the coming messages of the conversations cannot be told. */
  untold = 0
  /** The messages that clients have sent. */
  heard = []
  #listener
  #sockets

  static async start(test, server) {
    const relay = new Relay()
    const listener = createServer((near, answer) => {
      const { method, url: path, headers } = near
      const far = request({ port: server.port, host: '127.0.0.1', method, path, headers }, (response) => {
        answer.writeHead(response.statusCode, response.headers)
        response.pipe(answer)
      })
      near.pipe(far)
    })
    const sockets = new WebSocketServer({ server: listener })
    sockets.on('connection', (near) => relay.#join(near, server))
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    relay.#listener = listener
    relay.#sockets = sockets
    test.after(() => {
      for (const socket of sockets.clients) socket.terminate()
      listener.close()
      listener.closeAllConnections()
    })
    return relay
  }

  get url() {
    return `http://127.0.0.1:${this.#listener.address().port}/graphql`
  }

  /** How many sockets are open. */
  get sockets() {
    return this.#sockets.clients.size
  }

  /** Resolves when the first of those that are open is gone. */
  async socketGone() {
    await Promise.race([...this.#sockets.clients].map((socket) => once(socket, 'close')))
  }

  async #join(near, server) {
    const far = new WebSocket(server.url.replace('http', 'ws'), 'graphql-transport-ws')
    const opened = once(far, 'open')
    near.on('close', () => far.terminate())
    far.on('close', (code, reason) => (code >= 1000 && code !== 1006 ? near.close(code, reason) : near.terminate()))
    far.on('message', (text) => this.#tell(near, far, String(text)))
    near.on('message', async (text) => {
      this.heard.push(JSON.parse(text))
      await opened
      far.send(String(text))
    })
  }

  #tell(near, far, text) {
    const { id, type, payload } = JSON.parse(text)
    if (type !== 'next' || this.untold === 0 || !payload.data?.events?.message) return near.send(text)
    this.untold -= 1
    near.send(JSON.stringify({ id, type, payload: AWAY }))
    near.send(JSON.stringify({ id, type: 'complete' }))
    far.send(JSON.stringify({ id, type: 'complete' }))
  }
}
