import { newClientId } from './client-id.js'
import { textOf, type TypedDocument } from './document.js'
import { NatterjackError, unwrap, type ErrorCode } from './errors.js'
import { EventSource, type EventLike } from './events.js'
import {
  EventsDocument,
  LoginDocument,
  LogoutDocument,
  PositionsDocument,
  RegisterDocument,
  RequestLoginCodeDocument,
  SendMessageDocument,
  type CodeLogin,
  type CodeRecipient,
  type EventsSubscription,
  type ExternalLogin,
  type LoginInput,
  type RegisterInput,
} from './generated/operations.js'
import { post, type Http } from './http.js'
import { Link, type ConnectionState } from './link.js'
import type {
  Arguments,
  ClientOptions,
  Credentials,
  EventOptions,
  EventStream,
  OutgoingMessage,
  OwnDocument,
  RequestOptions,
  SentMessage,
  SubscribeOptions,
} from './options.js'
import { SessionKeeper, sessionOver, type Session } from './session.js'
import { memoryStorage } from './storage.js'
import { Stream } from './stream.js'
import { retryDelay, tryAgain, type RetryDelay } from './waiting.js'

/** For how long a message without an answer is sent again, in milliseconds, unless the caller says otherwise. */
const SEND_FOR = 60_000

const BUFFER = 256

const absolute = (url: string): string => {
  const { href, protocol } = new URL(url, globalThis.location?.href)
  if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError(`not by http or https: ${url}`)
  return href
}

const isRefused = (error: unknown, code: ErrorCode): boolean => error instanceof NatterjackError && error.code === code

/** One person at one server. */
export class Client {
  readonly #http: Http
  readonly #keeper: SessionKeeper
  readonly #link: Link
  readonly #delay: RetryDelay
  readonly #streams = new Set<Stream<unknown>>()
  readonly #closing = new AbortController()

  constructor(options: ClientOptions) {
    const url = absolute(options.url)
    this.#delay = options.retryDelay ?? retryDelay
    // Its own function: a browser's `fetch` is not to be called as a method.
    const fetching: typeof fetch = options.fetch ?? ((input, init) => fetch(input, init))
    this.#http = { url, fetch: fetching, timeout: options.timeout ?? 35_000 }
    this.#keeper = new SessionKeeper(this.#http, options.storage ?? memoryStorage(), this.#delay)
    this.#link = new Link(url, this.#keeper, this.#delay, options.webSocket)
    // A socket belongs to whom it was opened by.
    this.#keeper.changes.add(() => this.#link.cut())
  }

  /** Resolves with the session of before, or null, once the storage was asked. Rejects with what the storage says. */
  async restore(): Promise<Session | null> {
    await this.#keeper.loaded
    return this.session
  }

  /** Who is signed in; null where nobody is, and until a storage that answers later has answered: see `restore`. */
  get session(): Session | null {
    return this.#keeper.session
  }

  /** Tells who has signed in, and null once nobody is; answers how to stop that. */
  onSession(listener: (session: Session | null) => void): () => void {
    return this.#keeper.changes.add(listener)
  }

  get connection(): ConnectionState {
    return this.#link.state
  }

  /** Tells how it stands with the socket, whenever that changes; answers how to stop that. */
  onConnection(listener: (state: ConnectionState) => void): () => void {
    return this.#link.changes.add(listener)
  }

  /** Makes an account and signs in. Throws `NatterjackError`: `ALREADY_TAKEN`, `INVALID_INPUT` with the `field`. */
  async register(input: RegisterInput): Promise<Session> {
    const { register } = await post(this.#http, RegisterDocument, { input }, { token: null })
    return this.#keeper.begin(register)
  }

  /** Signs in by a password. Throws `WRONG_CREDENTIALS` where they do not fit. */
  signIn({ username, ...rest }: Credentials): Promise<Session> {
    return this.#login({ password: { login: username, ...rest } })
  }

  /** Has a code sent. It is in the answer only where the server echoes codes, for development. */
  async requestCode(to: CodeRecipient): Promise<{ code: string | null; expiresAt: string | null }> {
    const { requestLoginCode } = await post(this.#http, RequestLoginCodeDocument, { to }, { token: null })
    return unwrap(requestLoginCode)
  }

  /** Signs in by a code that was sent; begins an account where there is none yet. */
  signInWithCode(code: CodeLogin): Promise<Session> {
    return this.#login({ code })
  }

  /** Signs in by a token of an issuer that the server trusts. */
  signInWithToken(external: ExternalLogin): Promise<Session> {
    return this.#login({ external })
  }

  /**
   * Ends the session. This device forgets it in any case; throws `ConnectionError` where the server could not be told,
   * with whom it then lasts until it runs out.
   */
  async signOut(): Promise<void> {
    const token = await this.#keeper.accessToken().catch(() => null)
    await this.#keeper.end()
    if (token === null) return
    try {
      await post(this.#http, LogoutDocument, {}, { token })
    } catch (error) {
      if (!isRefused(error, 'UNAUTHENTICATED')) throw error
    }
  }

  /**
   * Runs a query or a mutation over HTTP. Throws `NatterjackError` where the answer has errors at the top level (what
   * stands beside them is its `data`), `ConnectionError` where there is none. A mutation's own `errors` are in the
   * data: see `unwrap`.
   */
  request<Data, Variables>(
    document: TypedDocument<Data, Variables>,
    ...[variables, options]: Arguments<Variables, RequestOptions>
  ): Promise<Data> {
    return this.#request(document, (variables ?? {}) as Variables, options ?? {})
  }

  /**
   * The results of a subscription. It goes on after cuts, but what was told meanwhile is missed: see `events`. Ends
   * where the server ends it, and with `return()`.
   */
  subscribe<Data, Variables>(
    document: TypedDocument<Data, Variables>,
    ...[variables, options]: Arguments<Variables, SubscribeOptions>
  ): AsyncIterableIterator<Data> {
    const operation = { query: textOf(document), variables: { ...variables } as { [key: string]: unknown } }
    const begin = () => Promise.resolve(operation)
    // The data are as the document asks for them.
    return this.#stream<Data>({ begin, take: (data) => data as Data, isResumable: false }, options)
  }

  /**
   * What happens, with nothing missed and nothing twice: the app's own document in place of the package's, if it likes.
   */
  events(options?: EventOptions): EventStream<EventsSubscription['events']>
  events<Event extends EventLike, Variables>(options: EventOptions & OwnDocument<Event, Variables>): EventStream<Event>
  events(options: EventOptions & Partial<OwnDocument<EventLike, unknown>> = {}): EventStream<EventLike> {
    const { document = EventsDocument, variables = {}, buffer, ...choice } = options
    const source = new EventSource(document, { ...variables }, choice, async (after) => {
      const { viewer } = await this.#request(PositionsDocument, { after }, {})
      if (!viewer) throw sessionOver()
      return viewer.conversations
    })
    const { positions } = source
    return Object.assign(this.#stream<EventLike>(source, { ...(buffer === undefined ? {} : { buffer }) }), {
      positions,
    })
  }

  /**
   * Sends a message, under one client id for all its tries, which go on for a minute unless `retryFor` says otherwise:
   * so it is stored once, however often its answer is lost. Who gives up after that sends it again under the same
   * `clientId`.
   */
  async sendMessage(message: OutgoingMessage, options: RequestOptions = {}): Promise<SentMessage> {
    const { conversationId, userId, ...content } = message
    const to = conversationId === undefined ? { userId: userId ?? '' } : { conversationId }
    const input = { ...content, to, clientId: content.clientId ?? newClientId() }
    const answer = await this.#request(SendMessageDocument, { input }, { retryFor: SEND_FOR, ...options })
    const sent = unwrap(answer.sendMessage)
    if (!sent.message) throw new NatterjackError('INTERNAL', 'the server has sent nothing, and says not why')
    return { message: sent.message, isRepeat: sent.isRepeat }
  }

  /** Ends all subscriptions and the socket. Tokens stay where they are kept. */
  close(): void {
    this.#closing.abort()
    for (const stream of [...this.#streams]) void stream.return()
    this.#link.close()
    this.#keeper.close()
  }

  async #login(input: LoginInput): Promise<Session> {
    const { login } = await post(this.#http, LoginDocument, { input }, { token: null })
    return this.#keeper.begin(login)
  }

  #request<Data, Variables>(
    document: TypedDocument<Data, Variables>,
    variables: Variables,
    { signal, retryFor = 0 }: RequestOptions,
  ): Promise<Data> {
    return tryAgain(() => this.#asViewer((token) => post(this.#http, document, variables, { token, signal })), {
      limit: retryFor,
      delay: this.#delay,
      signal,
    })
  }

  /** With a token that counts: one that the server refuses is renewed, and the same asked once more. */
  async #asViewer<T>(ask: (token: string | null) => Promise<T>): Promise<T> {
    const token = await this.#keeper.accessToken()
    try {
      return await ask(token)
    } catch (error) {
      if (token === null || !isRefused(error, 'UNAUTHENTICATED')) throw error
      return ask(await this.#keeper.tokenAfter(token))
    }
  }

  #stream<Item>(source: ConstructorParameters<typeof Stream<Item>>[2], { buffer = BUFFER }: SubscribeOptions = {}) {
    const stream = new Stream<Item>(this.#link, this.#keeper, source, buffer, () => this.#streams.delete(stream))
    if (this.#closing.signal.aborted) void stream.return()
    else this.#streams.add(stream)
    return stream
  }
}

/** A client of the server at `options.url`. */
export const createClient = (options: ClientOptions): Client => new Client(options)
