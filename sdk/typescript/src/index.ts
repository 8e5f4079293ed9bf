export { Client, createClient } from './client.js'
export { newClientId } from './client-id.js'
export { TypedDocumentString, type TypedDocument } from './document.js'
export { ConnectionError, NatterjackError, OverflowError, unwrap, type GraphQLErrorLike } from './errors.js'
export type { EventLike, Positions } from './events.js'
export * from './generated/operations.js'
export type { ConnectionState, WebSocketImplementation } from './link.js'
export type {
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
export type { Session } from './session.js'
export { memoryStorage, webStorage, type Tokens, type TokenStorage } from './storage.js'
export { retryDelay, type RetryDelay } from './waiting.js'
