"""Servers on loopback that fail where they are told to, and remember whether they did."""
import asyncio
import contextlib
import random
import socket
import ssl
import struct
import threading

from servers import Request

STALL, CLOSE, RESET, GARBAGE = "stall", "close", "reset", "garbage"

SMTP_STAGES = ("banner", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "dot", "quit")


class FaultyServer:
    """An asyncio server in a thread of its own. Whoever asked for a fault asks `fired` whether it came to that."""

    def __init__(self):
        self.connections = 0
        self.fired = threading.Event()
        self.ended = threading.Event()  # a client went away while it was being stalled or flooded
        self.poured = 0  # bytes that were sent to no purpose
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = self._call(asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 22))
        self.port = self.server.sockets[0].getsockname()[1]

    def _call(self, coroutine):
        async def run():
            return await coroutine
        return asyncio.run_coroutine_threadsafe(run(), self.loop).result(10)

    def close(self):
        async def end():
            self.server.close()
            for task in asyncio.all_tasks():
                if task is not asyncio.current_task():
                    task.cancel()
        self._call(end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()

    async def _serve(self, reader, writer):
        self.connections += 1
        with contextlib.suppress(OSError, EOFError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await self.converse(reader, writer)
        writer.close()

    # ---- misbehaving; each ends the conversation ----

    async def stall(self, reader, writer):
        """Says nothing more, however long the client waits."""
        while await reader.read(65536):
            pass
        self.ended.set()

    async def reset(self, reader, writer):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async def pour(self, writer, pieces):
        """Sends without end, or until the client has had enough."""
        with contextlib.suppress(OSError):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                self.poured += len(piece)
        self.ended.set()

    async def misbehave(self, action, reader, writer):
        self.fired.set()
        if action == STALL:
            await self.stall(reader, writer)
        elif action == RESET:
            await self.reset(reader, writer)
        elif action == GARBAGE:
            noise = random.Random(7).randbytes(4096)
            await self.pour(writer, (noise for _ in range(1 << 18)))


class FaultySmtp(FaultyServer):
    """A mail server that takes every mail, but for the fault at one stage: one of the words above, or an answer.
    times: how often; afterwards all is well."""

    def __init__(self):
        super().__init__()
        self.stage = self.action = None
        self.times = 0
        self.said = []  # the commands of all sessions
        self.seen = []  # mails that came with their dot
        self.accepted = []

    def fail(self, stage, action, times=1 << 30):
        assert stage in SMTP_STAGES
        self.stage, self.action, self.times = stage, action, times
        self.fired.clear()

    def heal(self):
        self.stage = None

    async def answer(self, stage, line, reader, writer):
        """Whether the conversation goes on."""
        if stage == self.stage and self.times > 0:
            self.times -= 1
            if self.action in (STALL, CLOSE, RESET, GARBAGE):
                await self.misbehave(self.action, reader, writer)
                return False
            self.fired.set()
            line = self.action
        writer.write(line.encode() + b"\r\n")
        await writer.drain()
        return line[:3] != "421"

    async def converse(self, reader, writer):
        going = await self.answer("banner", "220 mx.test ESMTP", reader, writer)
        while going:
            line = (await reader.readuntil(b"\n")).decode().strip()
            self.said.append(line)
            word = line.split(" ")[0].upper()
            going = await self.obey(word, line, reader, writer) and word != "QUIT"

    async def obey(self, word, line, reader, writer):
        stage = {"EHLO": "ehlo", "STARTTLS": "starttls", "MAIL": "mail", "RCPT": "rcpt", "QUIT": "quit"}.get(word)
        if word == "AUTH":
            if len(line.split()) == 2:
                writer.write(b"334 \r\n")
                await reader.readuntil(b"\n")
            return await self.answer("auth", "235 2.7.0 welcome", reader, writer)
        if word == "DATA":
            return await self.take_mail(reader, writer)
        if word == "EHLO":
            return await self.answer(stage, "250-mx.test\r\n250-STARTTLS\r\n250 AUTH PLAIN", reader, writer)
        return await self.answer(stage, "250 2.0.0 OK" if stage != "quit" else "221 2.0.0 bye", reader, writer)

    async def take_mail(self, reader, writer):
        if self.stage == "data" and self.times > 0:
            return await self.answer("data", None, reader, writer)
        await self.answer("data", "354 send it", reader, writer)
        mail = await reader.readuntil(b"\r\n.\r\n")
        self.seen.append(mail)
        good = self.stage != "dot" or self.times == 0
        going = await self.answer("dot", "250 2.0.0 queued", reader, writer)
        if good:
            self.accepted.append(mail)
        return going


class FaultyHttp(FaultyServer):
    """Answers every request as `behave` does: a coroutine of (server, reader, writer)."""

    def __init__(self):
        super().__init__()
        self.requests = []
        self.behave = answer(200, b"ok")

    def to(self, path):
        return [r for r in self.requests if r.path == path]

    async def converse(self, reader, writer):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            self.requests.append(Request(head[0].split()[1], headers, body))
            self.fired.set()
            if not await self.behave(self, reader, writer):
                return


# ---- ways to answer ----

def answer(status, body=b"", **headers):
    """A whole answer; the connection stays."""
    async def behave(server, reader, writer):
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()
        return True
    return behave


def in_turn(*behaviours):
    """One after the other, the last for ever."""
    left = list(behaviours)

    async def behave(server, reader, writer):
        return await (left.pop(0) if len(left) > 1 else left[0])(server, reader, writer)
    return behave


async def hang(server, reader, writer):
    await server.stall(reader, writer)


async def drip(server, reader, writer):
    """A byte of the head a second."""
    with contextlib.suppress(OSError):
        for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Slow: " + b"a" * 10000:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(1)
    server.ended.set()


async def drip_body(server, reader, writer):
    """A whole head, then a byte of the body a second."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
    with contextlib.suppress(OSError):
        for byte in b"ok" + b" " * 10000:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(1)
    server.ended.set()


async def close(server, reader, writer):
    """Nothing."""


async def close_in_head(server, reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Le")
    await writer.drain()


async def reset(server, reader, writer):
    await server.reset(reader, writer)


async def noise(server, reader, writer):
    await server.misbehave(GARBAGE, reader, writer)


async def huge_body(server, reader, writer):
    """1 GB, as announced."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
    await server.pour(writer, (b"a" * 65536 for _ in range(1 << 14)))


async def endless_chunks(server, reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    await server.pour(writer, (b"1000\r\n" + b"a" * 4096 + b"\r\n" for _ in range(1 << 18)))


async def huge_headers(server, reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\n")
    await server.pour(writer, (b"X-%d: " % i + b"a" * 4000 + b"\r\n" for i in range(1 << 18)))


async def endless_heads(server, reader, writer):
    """Interim answers without end."""
    await server.pour(writer, (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 64 for _ in range(1 << 18)))
