// Compiled by relay-compiler against schema.graphql: lists as Relay pages through them, and refetches one by its id.
import { graphql } from 'relay-runtime'

export const query = graphql`
  query paginatedQuery($id: ID!) {
    viewer { ...paginated_viewer }
    node(id: $id) { ...paginated_conversation @alias }
  }
`

export const viewer = graphql`
  fragment paginated_viewer on Viewer
  @refetchable(queryName: "paginatedViewerQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" }) {
    conversations(first: $first, after: $after) @connection(key: "paginated_conversations") {
      edges { node { id title lastMessage { text } } }
    }
  }
`

export const conversation = graphql`
  fragment paginated_conversation on Conversation
  @refetchable(queryName: "paginatedConversationQuery")
  @argumentDefinitions(last: { type: "Int", defaultValue: 50 }, before: { type: "String" }) {
    messages(last: $last, before: $before) @connection(key: "paginated_messages") {
      edges { node { id seq text author { id displayName } } }
    }
  }
`

export const send = graphql`
  mutation paginatedMutation($input: SendMessageInput!, $connections: [ID!]!) {
    sendMessage(input: $input) {
      message @appendNode(connections: $connections, edgeTypeName: "MessageEdge") { id text }
      errors { code message field }
    }
  }
`

export const events = graphql`
  subscription paginatedSubscription($after: [PositionInput!]) {
    events(after: $after) {
      __typename
      ... on MessageAdded { revision message { id text } }
      ... on Synced { conversation { id unreadCount } }
    }
  }
`
