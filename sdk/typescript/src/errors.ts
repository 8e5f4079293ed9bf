import type { ErrorCode } from './generated/operations.js'

export type { ErrorCode }

/** An error as GraphQL answers it. */
export interface GraphQLErrorLike {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions?: { readonly [key: string]: unknown }
}

/** What the server says of a failure, over and above its code and message. */
export interface Details {
  /** The path of the input at fault, such as `['input', 'text']`. */
  field?: readonly string[] | null
  /** After how many seconds the same can be tried again. */
  retryAfter?: number | null
  /** Under what the server's log tells of the request. */
  requestId?: string | null
  /** What was answered beside the errors: a nullable field may fail and the rest stand. */
  data?: unknown
  /** All errors of the answer; this one is the first. */
  errors?: readonly GraphQLErrorLike[]
}

/** The server has answered, and refused. A program acts on `code`, a person reads `message`. */
export class NatterjackError extends Error {
  override readonly name = 'NatterjackError'
  readonly code: ErrorCode
  readonly field: readonly string[] | null
  readonly retryAfter: number | null
  readonly requestId: string | null
  readonly data: unknown
  readonly errors: readonly GraphQLErrorLike[]

  constructor(code: ErrorCode, message: string, details: Details = {}) {
    super(message)
    this.code = code
    this.field = details.field ?? null
    this.retryAfter = details.retryAfter ?? null
    this.requestId = details.requestId ?? null
    this.data = details.data
    this.errors = details.errors ?? []
  }
}

/** There was no answer of the server's: no network, a timeout, or a proxy that answered in its place with `status`. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  readonly status: number | null

  constructor(message: string, options: { cause?: unknown; status?: number } = {}) {
    super(message, { cause: options.cause })
    this.status = options.status ?? null
  }
}

/**
 * A subscription's reader was too slow, and what it did not take cannot be had again. See `SubscribeOptions.buffer`.
 */
export class OverflowError extends Error {
  override readonly name = 'OverflowError'
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isError = (value: unknown): value is GraphQLErrorLike => isRecord(value) && typeof value['message'] === 'string'

const isText = (value: unknown): value is string => typeof value === 'string'

/** The errors of an answer, or of a list of them, that may be anything. */
export const errorsIn = (answer: unknown): readonly GraphQLErrorLike[] => {
  const errors = Array.isArray(answer) ? answer : isRecord(answer) && answer['errors']
  return Array.isArray(errors) ? errors.filter(isError) : []
}

/** The errors of an answer as one; they are at least one. */
export const refusal = (errors: readonly GraphQLErrorLike[], details: Details = {}): NatterjackError => {
  const { message, extensions } = errors[0] ?? { message: 'the server has refused without a reason' }
  const { code, field, retryAfter, requestId } = extensions ?? {}
  return new NatterjackError(isText(code) ? (code as ErrorCode) : 'INTERNAL', message, {
    field: Array.isArray(field) ? field.filter(isText) : null,
    retryAfter: typeof retryAfter === 'number' ? retryAfter : null,
    requestId: isText(requestId) ? requestId : null,
    errors,
    ...details,
  })
}

/** What every mutation answers. */
export interface Payload {
  readonly errors: readonly {
    readonly code: ErrorCode
    readonly message: string
    readonly field?: readonly string[] | null
  }[]
}

/**
 * A mutation's payload, once it is known to have done what was asked:
 *
 *     const { message } = unwrap((await client.request(EditMessage, { input })).editMessage)
 *
 * Throws the first of the payload's `errors` as a `NatterjackError`.
 */
export const unwrap = <P extends Payload>(payload: P | null): P => {
  if (!payload) throw new NatterjackError('INTERNAL', 'the mutation has answered nothing')
  const [error] = payload.errors
  if (error) throw new NatterjackError(error.code, error.message, { field: error.field ?? null })
  return payload
}

/** Whether the same may go well later: no answer came, the server was busy, or a store was away. */
export const isPassing = (error: unknown): boolean =>
  error instanceof ConnectionError ||
  (error instanceof NatterjackError && (error.code === 'UNAVAILABLE' || error.code === 'RATE_LIMITED'))
