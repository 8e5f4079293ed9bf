# Run by mod.rs with the installed packages: python3 - URL TOKEN CONVERSATION
# gql: the schema by introspection, HTTP by aiohttp, sockets by websockets.
import asyncio
import sys

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport

url, token, conversation = sys.argv[1:]
authorization = {"Authorization": f"Bearer {token}"}

HISTORY = gql("query H($id: ID!) { history(of: { conversationId: $id }, last: 1) { nodes { text } } }")
SEND = gql("mutation S($input: SendMessageInput!) { sendMessage(input: $input) { message { text } errors { code } } }")
ADDED = gql("subscription A($id: ID!) { messageAdded(conversationId: $id) { text } }")


async def main():
    http = AIOHTTPTransport(f"{url}/graphql", headers=authorization)
    socket = WebsocketsTransport(
        f"{url}/graphql".replace("http", "ws"),
        init_payload=authorization,
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    async with Client(transport=http, fetch_schema_from_transport=True) as session, Client(transport=socket) as listening:

        has_heard = asyncio.Event()

        async def send_on(n=0):
            while not has_heard.is_set():
                variables = {"input": {"to": {"conversationId": conversation}, "text": f"by gql {n}"}}
                sent = await session.execute(SEND, variable_values=variables)
                assert sent["sendMessage"] == {"message": {"text": f"by gql {n}"}, "errors": []}, sent
                await asyncio.sleep(0.05)
                n += 1

        sending = asyncio.create_task(send_on())
        async for event in listening.subscribe(ADDED, variable_values={"id": conversation}):
            assert event["messageAdded"]["text"].startswith("by gql "), event
            break
        has_heard.set()
        await sending
        page = await session.execute(HISTORY, variable_values={"id": conversation})
        assert page["history"]["nodes"][0]["text"].startswith("by gql "), page
        try:
            await session.execute(gql("query H { history(of: {}) { nodes { text } } }"))
        except TransportQueryError as refusal:
            assert refusal.errors[0]["extensions"]["code"] in ("INVALID_INPUT", "QUERY_REFUSED"), refusal
        else:
            raise AssertionError("it was not refused")


asyncio.run(asyncio.wait_for(main(), 60))
