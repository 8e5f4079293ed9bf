import type { TypedDocument } from './document.js'
import type { EventChoice, Positions } from './events.js'
import type { MessagePartsFragment, SendMessageInput } from './generated/operations.js'
import type { WebSocketImplementation } from './link.js'
import type { TokenStorage } from './storage.js'
import type { RetryDelay } from './waiting.js'

export interface ClientOptions {
  /** The server's `/graphql`, by http or https; in a browser it may be a path. Sockets go to the same place. */
  url: string
  /** Where tokens are kept: in memory unless it says otherwise. */
  storage?: TokenStorage
  /** In place of the platform's. */
  fetch?: typeof fetch
  /** In place of the platform's `WebSocket`; needed on Node before 22, e.g. that of npm's `ws`. */
  webSocket?: WebSocketImplementation
  /** How long an answer may take, in milliseconds: 35,000, as the server gives up an operation after 30 s. */
  timeout?: number
  /** In place of `retryDelay`. */
  retryDelay?: RetryDelay
}

export interface RequestOptions {
  signal?: AbortSignal
  /**
   * For how long the same is sent again where no answer comes, the server is busy or a store is away, in milliseconds:
   * 0 unless it says otherwise. Mutations are safe to send twice; a message is only with a `clientId`.
   */
  retryFor?: number
}

export interface SubscribeOptions {
  /**
   * How many results may wait for the reader: 256 unless it says otherwise. Beyond that `subscribe` ends with an
   * `OverflowError`, once the reader has taken those that wait; `events` drops what comes and asks for it again then.
   */
  buffer?: number
}

/** A username, an email or a mobile number, and the password. */
export interface Credentials {
  username: string
  password: string
  /** What the device calls itself, for the list of sessions. */
  deviceName?: string
}

/** A message to be sent, to a conversation or to a person. Without a `clientId` it is given one. */
export type OutgoingMessage = Omit<SendMessageInput, 'to'> &
  ({ conversationId: string; userId?: never } | { userId: string; conversationId?: never })

export interface SentMessage {
  message: MessagePartsFragment
  /** Whether an earlier try had been stored already. */
  isRepeat: boolean
}

export interface EventOptions extends EventChoice, SubscribeOptions {
  /**
   * From where it goes on. Left out, from where the viewer's conversations stand now; `[]` is from the beginning of
   * each. A conversation that is not among them is announced by `MembershipChanged` and told from its beginning.
   */
  positions?: Positions
}

/** An app's own document in place of `EventsDocument`, with the variables that it has beside those of the stream. */
export interface OwnDocument<Event, Variables> {
  document: TypedDocument<{ events: Event }, Variables>
  variables?: Omit<Variables, 'after' | 'only' | 'conversationIds'>
}

/** What happens where the viewer is a member, in order, each change once, over all cuts. It ends with `return()`. */
export interface EventStream<Event> extends AsyncIterableIterator<Event> {
  /** How far the events that were handed out have come: to be kept together with what was made of them. */
  readonly positions: ReadonlyMap<string, number>
}

/** Variables may be left out where there are none, or none that has to be there. */
export type Arguments<Variables, Options> =
  Record<string, never> extends Variables
    ? [variables?: Variables, options?: Options]
    : [variables: Variables, options?: Options]
