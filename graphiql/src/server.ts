// Where the server is: beside the page, so that a proxy may serve both below a path of its own.

const requests = new URL('graphql', location.href)
const sockets = new URL(requests)
sockets.protocol = requests.protocol.replace('http', 'ws')

/** Where operations are posted to. */
export const REQUESTS = requests.href

/** Where sockets are opened. */
export const SOCKETS = sockets.href

/** What names the viewer, in a request's headers and in the payload of `connection_init` alike. */
export const credentials = (token: string): Record<string, string> =>
  token === '' ? {} : { authorization: `Bearer ${token}` }
