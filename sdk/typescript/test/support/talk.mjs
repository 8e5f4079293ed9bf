// What people do in tests, by the documents of talk.graphql.

import { TypedDocumentString, unwrap } from '@natterjack/client'
import { readFileSync } from 'node:fs'

const TEXT = readFileSync(new URL('talk.graphql', import.meta.url), 'utf8')

/** One operation of talk.graphql. */
export const document = (name) => {
  const text = TEXT.split(/\n(?=(?:query|mutation|subscription) )/).find((part) => part.split(/[ ({]/)[1] === name)
  if (!text) throw new Error(`there is no ${name} in talk.graphql`)
  return new TypedDocumentString(text)
}

const change = async (client, name, field, input) => unwrap((await client.request(document(name), { input }))[field])

/** A new group with these people in it; answers its id. */
export const createGroup = async (client, name, members) => {
  const memberIds = members.map(({ session }) => session.viewerId)
  return (await change(client, 'CreateGroup', 'createGroup', { name, memberIds })).conversation.id
}

export const addMember = (client, conversationId, { session }) =>
  change(client, 'AddMembers', 'addMembers', { conversationId, userIds: [session.viewerId] })

export const removeMember = (client, conversationId, { session }) =>
  change(client, 'RemoveMember', 'removeMember', { conversationId, userId: session.viewerId })

export const editMessage = (client, messageId, text) =>
  change(client, 'EditMessage', 'editMessage', { messageId, text })

/** All messages of a conversation as they are stored, oldest first. */
export const history = async (client, id) => {
  const messages = []
  for (let after = null; ;) {
    const { conversation } = await client.request(document('History'), { id, after })
    messages.push(...conversation.messages.nodes)
    const { hasNextPage, endCursor } = conversation.messages.pageInfo
    if (!hasNextPage) return messages
    after = endCursor
  }
}
