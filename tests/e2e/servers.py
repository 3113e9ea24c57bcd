"""Real servers on loopback that remember what they were sent and misbehave on request."""
import asyncio
import http.server
import threading

from aiosmtpd.smtp import SMTP, AuthResult


class Mail:
    """One message as it came over the wire."""

    def __init__(self, envelope):
        self.sender = envelope.mail_from
        self.recipients = list(envelope.rcpt_tos)
        self.raw = bytes(envelope.original_content)


def no_stage(name):
    """Nobody is told of the stages of a conversation."""


class _Protocol(SMTP):
    def __init__(self, owner, **kwargs):
        super().__init__(owner, enable_SMTPUTF8=True, **kwargs)
        self.owner = owner
        self.command = "connect"

    async def _handle_client(self):
        self.owner.connections += 1
        self.owner.open += 1
        try:
            while self.owner.silent:
                await asyncio.sleep(0.02)
            await super()._handle_client()
        finally:
            self.owner.open -= 1

    async def _call_handler_hook(self, command, *arguments):
        self.command = "dot" if command == "DATA" else command
        return await super()._call_handler_hook(command, *arguments)

    async def smtp_EHLO(self, hostname):
        self.command = "EHLO"
        await super().smtp_EHLO(hostname)

    async def smtp_DATA(self, arg):
        self.command = "DATA"
        await super().smtp_DATA(arg)

    async def push(self, status):
        is_last = status[3:4] != "-"  # line of the reply
        if is_last:
            self.owner.at_stage(f"smtp {self.command}: before the reply")
        await super().push(status)
        if is_last:
            self.owner.at_stage(f"smtp {self.command}: after the reply")


class SmtpServer:
    """silent: accepts connections and says nothing. hold: keeps the reply to the final dot to itself.
    rcpt_reply, data_reply: what is said instead of 250."""

    def __init__(self, port=0):
        self.port = port
        self.tls_context = None  # offered by STARTTLS, or from the first byte on when implicit_tls
        self.implicit_tls = self.auth_needs_tls = False
        self.password = None  # when set, everybody must log in with it
        self.silent = self.hold = False
        self.rcpt_reply = self.data_reply = None
        self.rcpt_replies = {}  # the same for single addresses
        self.connections = 0
        self.open = 0  # of them, now
        self.at_stage = no_stage  # called with the name of each stage of a conversation, as it is reached
        self.seen = []  # whole messages that arrived, accepted or not
        self.accepted = []
        self.arrived = threading.Event()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.server = None
        self.up()

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    def protocol(self, **options):
        """One side of a conversation."""
        return _Protocol(self, hostname="mx.test", loop=self.loop, tls_context=None if self.implicit_tls else self.tls_context,
                         require_starttls=self.auth_needs_tls and not self.implicit_tls,
                         authenticator=self.authenticate, auth_required=self.password is not None,
                         auth_require_tls=self.auth_needs_tls and not self.implicit_tls, **options)

    async def _listen(self):
        self.server = await self.loop.create_server(self.protocol, "127.0.0.1", self.port,
                                                    ssl=self.tls_context if self.implicit_tls else None)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _deafen(self):
        self.server.close()

    def up(self):
        self._call(self._listen())

    def down(self):
        self._call(self._deafen())

    def secure(self, context, implicit=False):
        """From now on with TLS; nobody logs in without."""
        self.tls_context, self.implicit_tls, self.auth_needs_tls = context, implicit, True
        self.down()
        self.up()

    def close(self):
        self.silent = self.hold = False
        self.down()

        async def end():
            for task in asyncio.all_tasks():
                if task is not asyncio.current_task():
                    task.cancel()
        self._call(end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()

    def authenticate(self, server, session, envelope, mechanism, data):
        return AuthResult(success=data.password == self.password.encode(), handled=False)

    # What aiosmtpd asks its handler.

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.rcpt_reply or address in self.rcpt_replies:
            return self.rcpt_reply or self.rcpt_replies[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = Mail(envelope)
        self.seen.append(mail)
        self.arrived.set()
        while self.hold:
            await asyncio.sleep(0.02)
        if self.data_reply:
            return self.data_reply
        self.accepted.append(mail)
        return "250 2.0.0 queued"


class Request:
    def __init__(self, path, headers, body, status=None, method="POST"):
        self.path, self.headers, self.body, self.method = path, headers, body, method
        self.status = status  # what it was, or was to be, answered


class HttpSink:
    """Answers every POST and GET with (status, headers, body), by path; remembers it."""

    def __init__(self):
        sink = self
        self.requests = []
        self.answers = {}
        self.arrived = threading.Event()
        self.open = 0  # connections, now
        self.at_stage = no_stage  # called with the name of each stage of a conversation, as it is reached
        lock = threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                with lock:
                    sink.open += 1
                super().setup()
                sink.at_stage("http connect")

            def finish(self):
                try:
                    super().finish()
                finally:
                    with lock:
                        sink.open -= 1

            def do_POST(self):
                sink.at_stage(f"http {self.path}: before the body")
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, headers, answer = sink.answers.get(self.path, (200, {}, b"ok"))
                sink.requests.append(Request(self.path, self.headers, body, status, self.command))
                sink.arrived.set()
                sink.at_stage(f"http {self.path}: before the reply")
                self.reply(status, headers, answer)
                sink.at_stage(f"http {self.path}: after the reply")

            do_GET = do_POST

            def reply(self, status, headers, answer):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 64  # who finds no place waits a second

            def handle_error(self, request, client_address):
                """A client that was killed is no news here."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def secure(self, context):
        """From now on https."""
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)

    def to(self, path):
        return [r for r in self.requests if r.path == path]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
