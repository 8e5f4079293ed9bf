import type { TypedDocument } from './document.js'
import { textOf } from './document.js'
import type { EventKind, PositionsQuery } from './generated/operations.js'
import type { Operation } from './link.js'
import type { Source } from './stream.js'

/** How far a reader has come: of each conversation the highest revision that it has taken in. */
export type Positions = Iterable<readonly [conversationId: string, revision: number]>

/** These say where the reader stands, so every document has to ask for it. */
interface Placed {
  readonly __typename: 'MessageAdded' | 'MessageChanged' | 'Synced' | 'ResyncNeeded'
  readonly revision: number
  readonly conversation: { readonly id: string }
}

/** Says whether the viewer is still in the conversation: `entered` (the alias of `conversation`) is null where not. */
interface Membership {
  readonly __typename: 'MembershipChanged'
  readonly conversationId: string
  readonly entered: { readonly id: string } | null
}

interface Other {
  readonly __typename:
    | 'ConversationChanged'
    | 'NotificationAdded'
    | 'NotificationsSeen'
    | 'PresenceChanged'
    | 'ReceiptChanged'
    | 'SessionExpiring'
    | 'TypingChanged'
    | 'UserChanged'
}

/** What an event is at least. A document that leaves out what is needed to go on after a cut does not compile. */
export type EventLike = Placed | Membership | Other

/** What to hear of. */
export interface EventChoice {
  /** Only these kinds; `Synced`, `ResyncNeeded` and `SessionExpiring` come all the same. */
  only?: readonly EventKind[]
  /** Only of these conversations. */
  conversationIds?: readonly string[]
}

type Page = NonNullable<NonNullable<PositionsQuery['viewer']>['conversations']>

/** Asks for a page of the viewer's conversations and where they stand. */
export type AskPage = (after: string | null) => Promise<Page | null>

/** Where the viewer's conversations stand now. */
const standNow = async (ask: AskPage): Promise<Map<string, number>> => {
  const positions = new Map<string, number>()
  for (let after: string | null = null; ;) {
    const page = await ask(after)
    for (const { id, revision, viewerMembership } of page?.nodes ?? []) {
      // One to which the viewer is only invited has nothing to go on from.
      if (viewerMembership?.state === 'JOINED') positions.set(id, revision)
    }
    if (!page?.pageInfo.hasNextPage) return positions
    after = page.pageInfo.endCursor
  }
}

/** Events in the order of their revisions, each once, over all cuts. */
export class EventSource<Event extends EventLike, Variables> implements Source<Event> {
  readonly isResumable = true
  /** Up to where the reader has taken events. */
  readonly positions = new Map<string, number>()
  /** The same, with those that wait for the reader: from here the next operation begins. */
  readonly #received = new Map<string, number>()
  readonly #query: string
  readonly #variables: { [key: string]: unknown }
  readonly #choice: EventChoice
  readonly #ask: AskPage
  #isPlaced: boolean

  constructor(
    document: TypedDocument<{ events: Event }, Variables>,
    variables: { [key: string]: unknown },
    choice: EventChoice & { positions?: Positions },
    ask: AskPage,
  ) {
    this.#query = textOf(document)
    this.#variables = variables
    this.#choice = choice
    this.#ask = ask
    this.#isPlaced = choice.positions !== undefined
    this.#place(choice.positions ?? [])
  }

  async begin(): Promise<Operation> {
    if (!this.#isPlaced) {
      this.#place(await standNow(this.#ask))
      this.#isPlaced = true
    }
    const { only, conversationIds } = this.#choice
    const wanted = conversationIds && new Set(conversationIds)
    const after = [...this.#received]
      .filter(([conversationId]) => wanted?.has(conversationId) ?? true)
      .map(([conversationId, revision]) => ({ conversationId, revision }))
    return { query: this.#query, variables: { ...this.#variables, only, conversationIds, after } }
  }

  take(data: unknown): Event | undefined {
    const event = (data as { events: Event }).events
    // What came before is known: the server has sent it twice, or another position was given than there was.
    if (isMessage(event) && event.revision <= (this.#received.get(event.conversation.id) ?? 0)) return undefined
    move(this.#received, event)
    return event
  }

  hand(event: Event): void {
    move(this.positions, event)
  }

  #place(positions: Positions): void {
    for (const [conversationId, revision] of positions) {
      this.positions.set(conversationId, revision)
      this.#received.set(conversationId, revision)
    }
  }
}

const isMessage = (event: EventLike): event is Placed =>
  event.__typename === 'MessageAdded' || event.__typename === 'MessageChanged'

const move = (positions: Map<string, number>, event: EventLike): void => {
  switch (event.__typename) {
    case 'MessageAdded':
    case 'MessageChanged':
    case 'Synced':
    // May stand lower than the reader did, after the restore of an older backup.
    case 'ResyncNeeded':
      positions.set(event.conversation.id, event.revision)
      break
    // Whoever comes in again is told all of it again.
    case 'MembershipChanged':
      if (!event.entered) positions.delete(event.conversationId)
      break
  }
}
