// How operations reach the server: queries and mutations by POST, subscriptions over graphql-transport-ws.
import type { GraphiQLProps } from 'graphiql'
import { getOperationAST, parse, type DocumentNode, type ExecutionResult, type OperationDefinitionNode } from 'graphql'
import { createClient } from 'graphql-ws'
import { conversation, token } from './kept'
import { learn } from './learnt'
import { credentials, REQUESTS, SOCKETS } from './server'

type Fetcher = NonNullable<GraphiQLProps['fetcher']>
type Operation = Parameters<Fetcher>[0]
type Observed = Extract<Awaited<ReturnType<Fetcher>>, { subscribe: unknown }>

/** The one form in which GraphiQL subscribes, of those that its type allows. */
interface Sink {
  next(result: ExecutionResult): void
  complete(): void
}

/** The name of the query by which GraphiQL asks for the schema. */
const INTROSPECTION = 'IntrospectionQuery'

/**
 * Opens when a subscription begins and closes with the last. Nothing is tried again: whoever reads along is to see that a
 * socket was closed, and why.
 */
const sockets = createClient({
  url: SOCKETS,
  connectionParams: () => credentials(token.get()),
  retryAttempts: 0,
})

const failed = (message: string): ExecutionResult => ({
  errors: [{ message }] as unknown as NonNullable<ExecutionResult['errors']>,
})

const parsed = (query: string): DocumentNode | undefined => {
  try {
    return parse(query, { noLocation: true })
  } catch {
    return undefined // The server says what is wrong with it.
  }
}

/**
 * What is to be run of the document. GraphiQL knows the operation's name a moment late, when another tab is in front: where
 * there is none of that name, the only one there is.
 */
const definitionOf = ({ query, operationName }: Operation): OperationDefinitionNode | null => {
  const document = parsed(query)
  return document ? (getOperationAST(document, operationName) ?? getOperationAST(document) ?? null) : null
}

/** The operation with the latest conversation in `$conversationId`, where it asks for that and was given nothing. */
const completed = (operation: Operation, definition: OperationDefinitionNode): Operation => {
  const operationName = definition.name?.value ?? null
  const isAskedFor = definition.variableDefinitions?.some(({ variable }) => variable.name.value === 'conversationId')
  const latest = conversation.get()
  if (!isAskedFor || latest === '') return { ...operation, operationName }
  return { ...operation, operationName, variables: { conversationId: latest, ...operation.variables } }
}

/** Posts an operation; what stops it is an answer with an error. */
export const post = async (operation: Operation, signal?: AbortSignal): Promise<ExecutionResult> => {
  const headers = { 'content-type': 'application/json', accept: 'application/json', ...credentials(token.get()) }
  let response
  try {
    response = await fetch(REQUESTS, {
      method: 'POST',
      headers,
      body: JSON.stringify(operation),
      signal: signal ?? null,
    })
  } catch {
    return failed('the server does not answer')
  }
  try {
    return (await response.json()) as ExecutionResult
  } catch {
    return failed(`what came is not JSON: ${response.status} ${response.statusText}`)
  }
}

const reason = (error: unknown): ExecutionResult => {
  if (Array.isArray(error)) return { errors: error }
  if (error instanceof CloseEvent) return failed(`the socket was closed: ${error.code} ${error.reason}`.trim())
  return failed(error instanceof Error ? error.message : 'the socket cannot be opened')
}

/** As an observable, which GraphiQL ends at once: an async iterator it would leave waiting for one event more. */
const subscribe = (operation: Operation): Observed => {
  const observed = {
    subscribe(sink: Sink) {
      const unsubscribe = sockets.subscribe(operation as Parameters<typeof sockets.subscribe>[0], {
        next: (result) => sink.next(result as ExecutionResult),
        error(error) {
          sink.next(reason(error))
          sink.complete()
        },
        complete: () => sink.complete(),
      })
      return { unsubscribe }
    },
  }
  return observed as unknown as Observed
}

/**
 * GraphiQL's fetcher. `onIntrospection` is told, whenever the schema was asked for, whether the server has told it.
 */
export const fetcher =
  (onIntrospection: (isTold: boolean) => void): Fetcher =>
  async (operation) => {
    const definition = definitionOf(operation)
    const whole = definition ? completed(operation, definition) : operation
    if (definition?.operation === 'subscription') return subscribe(whole)
    const result = await post(whole)
    if (operation.operationName === INTROSPECTION) onIntrospection(Boolean(result.data?.['__schema']))
    if (definition?.operation === 'mutation') learn(result)
    return result
  }
