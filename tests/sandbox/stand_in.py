"""What the stand-ins of this folder share: an HTTP server on loopback, a log of requests, faults on demand.

A stand-in derives System (its state) and Handler (its answers), and ends with main(). Requests below /__ are for
tests: POST /__fault, GET /__requests, GET /__state, POST /__<name> calls System.control_<name>(body).

A fault is {"kind", "path": regular expression, "method", "times": 1, "skip": 0} and by kind:
  status   the whole answer is this "status", with "headers" {} and "retry_after" seconds if given
  slow     waits "seconds", then answers
  cut      does it, sends half of the body and closes
  vanish   does it, and closes without a byte: applied, but nobody hears of it
  body     does it, and answers "body" instead
"""
import argparse
import http.server
import json
import re
import sys
import threading
import time
import urllib.parse


class System:
    """State of the vendor's system. Everything under the lock."""

    def __init__(self):
        self.lock = threading.RLock()
        self.heard = threading.Condition(self.lock)  # something was asked
        self.requests, self.faults = [], []

    def state(self):
        """What tests look at, as JSON."""
        return {}

    def wait_until(self, test, seconds=20):
        """True as soon as test() holds, which is tried when something is asked; False when it never did."""
        with self.heard:
            return self.heard.wait_for(test, seconds)

    def take_fault(self, method, path):
        for fault in self.faults:
            if fault.get("method", method) == method and re.search(fault.get("path", ""), path):
                if fault.get("skip", 0) > 0:
                    fault["skip"] -= 1
                    return None
                fault["times"] = fault.get("times", 1) - 1
                if fault["times"] <= 0:
                    self.faults.remove(fault)
                return fault
        return None


class Handler(http.server.BaseHTTPRequestHandler):
    """Derive, set ROUTES = [(methods, pattern, name of a method(query, body, *groups))] and override what differs."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes
    ROUTES = []

    # ── for the stand-in to override ───────────────────────────────────────────────────────────
    def error(self, status):
        """Body of an error as this vendor writes it."""
        return {"message": f"status {status}"}

    def authorize(self, path, body):
        """True = go on. Answers itself otherwise."""
        return True

    def fault_headers(self, fault):
        """Headers that the vendor sends along with an answer that is a fault."""
        return []

    # ── for the stand-in to use ────────────────────────────────────────────────────────────────
    @property
    def system(self):
        return self.server.system

    def reply(self, status, body=None, headers=()):
        """Sends JSON, or bytes as they are (say their Content-Type in headers). None = no body."""
        if self.replaced is not None and status < 400:
            body = self.replaced
        text = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        if self.vanished:
            self.close_connection = True
            return
        self.send_response(status)
        if body is not None and not isinstance(body, bytes):
            self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(text)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.cut:
            text = text[:len(text) // 2]
            self.close_connection = True
        try:
            self.wfile.write(text)
        except ConnectionError:  # whoever asked is gone, which some tests want
            self.close_connection = True

    def refuse(self, status, headers=()):
        self.reply(status, self.error(status), headers)

    def read_body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():  # trailers
            pass
        return body

    def form_or_json(self, raw):
        if not raw:
            return {}
        try:
            return json.loads(raw)
        except ValueError:
            if "form-urlencoded" in self.headers.get("Content-Type", ""):
                return dict(urllib.parse.parse_qsl(raw.decode()))
            return raw

    # ── the rest ───────────────────────────────────────────────────────────────────────────────
    def log_message(self, *_):
        pass

    def handle_any(self):
        self.cut = self.vanished = False
        self.replaced = None
        split = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qsl(split.query, keep_blank_values=True)
        body = self.form_or_json(self.read_body())
        with self.system.lock:
            if split.path.startswith("/__"):
                self.control(split.path[3:], body)
                return
            self.system.requests.append({
                "method": self.command, "path": split.path, "query": split.query,
                "headers": {name: value for name, value in self.headers.items() if name.lower() != "authorization"},
                "body": body.decode(errors="replace") if isinstance(body, bytes) else body})
            self.system.heard.notify_all()
            fault = self.system.take_fault(self.command, split.path)
        if fault and fault["kind"] == "slow":  # outside the lock, so that tests can look meanwhile
            time.sleep(fault["seconds"])
        with self.system.lock:
            if fault and fault["kind"] == "status":
                headers = [*fault.get("headers", {}).items(), *self.fault_headers(fault)]
                if "retry_after" in fault:
                    headers.append(("Retry-After", str(fault["retry_after"])))
                self.refuse(fault["status"], headers)
                return
            if fault:
                self.cut, self.vanished = fault["kind"] == "cut", fault["kind"] == "vanish"
                self.replaced = fault.get("body") if fault["kind"] == "body" else None
            if not self.authorize(split.path, body):
                return
            for methods, pattern, action in self.ROUTES:
                match = re.fullmatch(pattern, split.path)
                if match and self.command in methods.split("|"):
                    getattr(self, action)(query, body, *map(urllib.parse.unquote, match.groups()))
                    return
            self.refuse(404)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def control(self, name, body):
        if name == "fault":
            self.system.faults.append(body)
        elif name == "requests":
            self.reply(200, self.system.requests)
            return
        elif name != "state":
            action = getattr(self.system, "control_" + name, None)
            if action is None:
                self.reply(404, {"message": f"no /__{name}"})
                return
            action(body)
        self.reply(200, self.system.state())


def serve(handler, system, port=0):
    """A running server; server.address is its address. Call shutdown() and server_close() at the end."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    server.system = system
    server.address = f"http://127.0.0.1:{server.server_address[1]}"
    # Shutting down waits for the poll: the default of half a second is most of the time of a short test.
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    return server


def main(description, make, add_options=lambda parser: None):
    """Prints the address, then answers until standard input ends. make(options) gives (handler, system)."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, default=0)
    add_options(parser)
    options = parser.parse_args()
    server = serve(*make(options), options.port)
    print(server.address, flush=True)
    sys.stdin.read()
    server.shutdown()
