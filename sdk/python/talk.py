"""Two people talk in their terminals, by gql:

    pip install -r requirements.txt
    python3 talk.py http://127.0.0.1:8000/graphql ada bob
    python3 talk.py http://127.0.0.1:8000/graphql bob ada

Who writes what is shown; what is typed is sent. The server may be stopped and started again meanwhile: nothing is
missed, and nothing comes twice. Each document is checked against schema.graphql before it is sent, so that a renamed
field is found without a server.
"""

import asyncio
import sys
import threading
import uuid
from pathlib import Path

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportError, TransportQueryError
from gql.transport.websockets import WebsocketsTransport
from graphql import build_schema

SCHEMA = build_schema((Path(__file__).parent / "../../schema.graphql").read_text())
PASSWORD = "correct horse battery"

# Seconds between two tries; an app would let them grow, with some chance in them.
PAUSE = 0.5

# A line on which the server has not answered a ping for so many seconds is dead.
SILENCE = 30

LOGIN = gql("""
    mutation Login($login: String!, $password: String!) {
      login(input: {password: {login: $login, password: $password}}) { tokens { accessToken } errors { message } }
    }""")
REGISTER = gql("""
    mutation Register($username: String!, $password: String!) {
      register(input: {username: $username, password: $password}) { tokens { accessToken } errors { message } }
    }""")
OPEN = gql("""
    mutation Open($username: String!) {
      openConversation(input: {with: {username: $username}}) { conversation { id title } errors { code message } }
    }""")
SEND = gql("""
    mutation Send($id: ID!, $text: String!, $clientId: String!) {
      sendMessage(input: {to: {conversationId: $id}, text: $text, clientId: $clientId}) { errors { message } }
    }""")
EVENTS = gql("""
    subscription Events($after: [PositionInput!], $ids: [ID!]) {
      events(after: $after, conversationIds: $ids) {
        __typename
        ... on MessageAdded { revision message { text author { displayName } } }
        ... on MessageChanged { revision }
        ... on Synced { revision }
        ... on ResyncNeeded { revision }
      }
    }""")

# What may go well another time: no answer, a line that was cut, a server that stops or is not there.
PASSING = (OSError, TransportError, asyncio.TimeoutError)


async def ask(url, token, document, **variables):
    """One query or mutation. The token counts for 15 minutes: an app trades it in time, by `refreshSession`."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transport = AIOHTTPTransport(url, headers=headers, timeout=35)
    async with Client(transport=transport, schema=SCHEMA) as session:
        document.variable_values = variables
        return await session.execute(document)


async def enter(url, username):
    """Signs in, or makes the account where there is none: the token."""
    answer = (await ask(url, None, LOGIN, login=username, password=PASSWORD))["login"]
    if not answer["tokens"]:
        answer = (await ask(url, None, REGISTER, username=username, password=PASSWORD))["register"]
    if not answer["tokens"]:
        raise SystemExit(answer["errors"])
    return answer["tokens"]["accessToken"]


async def open_conversation(url, token, username):
    """The conversation with this person, once they have an account."""
    while True:
        answer = (await ask(url, token, OPEN, username=username))["openConversation"]
        if answer["conversation"]:
            return answer["conversation"]
        if answer["errors"][0]["code"] != "NOT_FOUND":
            raise SystemExit(answer["errors"])
        print(f"(there is no {username} yet)", flush=True)
        await asyncio.sleep(PAUSE)


async def send(url, token, id, text):
    """Sends until there is an answer: under one client id it is stored once, however often that is."""
    client_id = str(uuid.uuid4())
    while True:
        try:
            answer = await ask(url, token, SEND, id=id, text=text, clientId=client_id)
        except PASSING:
            await asyncio.sleep(PAUSE)
            continue
        for error in answer["sendMessage"]["errors"]:
            print(f"(not sent: {error['message']})", flush=True)
        return


async def listen(url, token, id):
    """Shows what is said, over as many sockets as it takes: each is told up to where the last one came."""
    revision = 0
    while True:
        socket = WebsocketsTransport(
            url.replace("http", "ws", 1),
            # Else gql 4.4 offers an older one too, and takes that unless it finds the answer's header in capitals.
            subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
            init_payload={"token": token},
            ping_interval=SILENCE / 2,
            pong_timeout=SILENCE / 2,
        )
        try:
            async with Client(transport=socket, schema=SCHEMA) as session:
                EVENTS.variable_values = {"after": [{"conversationId": id, "revision": revision}], "ids": [id]}
                async for answer in session.subscribe(EVENTS):
                    event = answer["events"]
                    if event["__typename"] == "MessageAdded":
                        message = event["message"]
                        print(f"{message['author']['displayName']}: {message['text']}", flush=True)
                    if event["__typename"] == "ResyncNeeded":
                        print("(more was missed than the server tells one by one: see history)", flush=True)
                    revision = event.get("revision", revision)
        except TransportQueryError as refusal:
            # Where a store was away the same goes well later; what else is refused is not.
            if (refusal.errors or [{}])[0].get("extensions", {}).get("code") != "UNAVAILABLE":
                raise
        except PASSING:
            pass
        await asyncio.sleep(PAUSE)


def typed_lines(loop):
    """What is typed, as a queue; None at its end. Read by a thread of its own, which blocks."""
    lines = asyncio.Queue()

    def read():
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line.rstrip("\n"))
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    return lines


async def main(url, me, other):
    token = await enter(url, me)
    conversation = await open_conversation(url, token, other)
    print(f"(you talk with {conversation['title']})", flush=True)
    listening = asyncio.create_task(listen(url, token, conversation["id"]))
    lines = typed_lines(asyncio.get_running_loop())
    while (text := await lines.get()) is not None:
        await send(url, token, conversation["id"], text)
    listening.cancel()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
