// The same subscriptions as npm's graphql-ws serves them on ws, over a store in memory. `POST /send` with
// {"conversation": "…", "text": "…"} stands for sendMessage. Says where it listens, as the server does.
import { createServer } from 'node:http';
import { EventEmitter } from 'node:events';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

const schema = buildSchema(`
  enum EventKind { MESSAGE }
  type User { id: ID! displayName: String! avatarUrl: String isBlockedByViewer: Boolean! }
  type Conversation { id: ID! revision: Int! }
  type Reaction { emoji: String! count: Int! isByViewer: Boolean! }
  type Message {
    id: ID! seq: Int! text: String createdAt: String! clientId: String
    author: User conversation: Conversation! reactions: [Reaction!]!
  }
  interface Event { at: String! }
  type MessageAdded implements Event { at: String! revision: Int! message: Message! }
  type Query { none: Int }
  type Subscription {
    messageAdded(conversationId: ID!): Message!
    events(conversationIds: [ID!], only: [EventKind!]): Event!
  }
`);

const sent = new EventEmitter();
sent.setMaxListeners(0);

/** The messages of these conversations, each made by `show`, until the client ends it. */
function messages(conversations, show) {
  const waiting = [];
  let wake = null;
  let done = false;
  const take = (message) => {
    waiting.push(message);
    wake?.();
  };
  conversations.forEach((id) => sent.on(id, take));
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      while (waiting.length === 0 && !done) {
        await new Promise((resolve) => (wake = resolve));
      }
      return done ? { done: true } : { done: false, value: show(waiting.shift()) };
    },
    async return() {
      done = true;
      conversations.forEach((id) => sent.off(id, take));
      wake?.();
      return { done: true };
    },
  };
}

const roots = {
  messageAdded: ({ conversationId }) => messages([conversationId], (messageAdded) => ({ messageAdded })),
  events: ({ conversationIds }) =>
    messages(conversationIds, (message) => ({
      events: { __typename: 'MessageAdded', at: message.createdAt, revision: message.seq, message },
    })),
};

const hex = (n) => n.toString(16).padStart(32, '0');
const seqs = new Map();
let total = 0;

const http = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { conversation, text } = JSON.parse(body);
  const seq = (seqs.get(conversation) ?? 0) + 1;
  seqs.set(conversation, seq);
  sent.emit(conversation, {
    id: `msg_${hex(++total)}`,
    seq,
    text,
    createdAt: new Date().toISOString(),
    clientId: null,
    author: { id: `usr_${hex(1)}`, displayName: 'person0', avatarUrl: null, isBlockedByViewer: false },
    conversation: { id: conversation, revision: seq },
    reactions: [],
  });
  response.end('{}');
});
useServer({ schema, roots: { subscription: roots } }, new WebSocketServer({ server: http, path: '/graphql' }));
http.listen(0, '127.0.0.1', 8192, () => console.log(`listening on http://127.0.0.1:${http.address().port}`));
