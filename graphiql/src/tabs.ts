// The tabs that are there at first: each runs as it stands, one after the other.

const LETTERS = 'abcdefghjkmnpqrstuvwxyz'

/** Usernames are taken once for ever: four letters keep those who come to one server with the same page apart. */
const suffix = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) => LETTERS[byte % LETTERS.length]).join('')

const PASSWORD = 'correct horse battery'

/** Register two people, open their conversation, send, subscribe. */
export const readyTabs = (): { query: string }[] => {
  const own = suffix()
  return [
    `# 1. Run this. It registers two people; the
# page takes the first one's token into its field.
mutation Register {
  ada: register(input: {
    username: "ada-${own}"
    password: "${PASSWORD}"
  }) {
    tokens { accessToken }
    errors { message field }
  }
  bob: register(input: {
    username: "bob-${own}"
    password: "${PASSWORD}"
  }) {
    tokens { accessToken }
    errors { message field }
  }
}
`,
    `# 2. Then this: the conversation of the two.
mutation Open {
  openConversation(input: {
    with: {username: "bob-${own}"}
  }) {
    conversation { id title }
    errors { message field }
  }
}
`,
    `# 3. Say something in it. $conversationId is the
# one opened last, where Variables have no other.
mutation Send($conversationId: ID!) {
  sendMessage(input: {
    to: {conversationId: $conversationId}
    text: "Can you hear me?"
  }) {
    message { seq text status }
    errors { message field }
  }
}
`,
    `# 4. Listen: to what was said before, then to all
# that comes; the latest is shown. Duplicate this
# browser tab, and run Send in the other.
subscription Subscribe($conversationId: ID!) {
  messageAdded(
    conversationId: $conversationId
    afterSeq: 0
  ) {
    seq
    text
    author { displayName }
  }
}
`,
    `# Whoever has an account signs in so. Run in a
# duplicate of this browser tab, it makes that the
# other person's.
mutation SignIn {
  login(input: {password: {
    login: "bob-${own}"
    password: "${PASSWORD}"
  }}) {
    tokens { accessToken }
    errors { message field }
  }
}
`,
  ].map((query) => ({ query }))
}
