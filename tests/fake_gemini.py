"""A server on this machine that talks like the Gemini API, rightly or as wrongly as asked."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GOOD_WORDS = ("good", "great", "loved", "wonderful")
# Of every reply that is billed.
PROMPT_TOKENS, ANSWER_TOKENS, THOUGHT_TOKENS = 200, 30, 10


def answers_for(reviews, **changes):
    """Return the right answer's objects, with changes to each."""
    return [
        {
            "id": review["id"],
            "label": "POSITIVE" if any(w in review["text"] for w in GOOD_WORDS) else "NEGATIVE",
            "confidence": 0.9,
        }
        | changes
        for review in reviews
    ]


def body(text, finish="STOP", **extra):
    """Return a reply's body around the model's text."""
    candidate = {"finishReason": finish}
    if text is not None:
        candidate["content"] = {"role": "model", "parts": [{"text": text}]}
    usage = {
        "promptTokenCount": PROMPT_TOKENS,
        "candidatesTokenCount": ANSWER_TOKENS,
        "thoughtsTokenCount": THOUGHT_TOKENS,
    }
    return {"candidates": [candidate], "usageMetadata": usage} | extra


def says(text, finish="STOP"):
    """The model says just this."""
    return lambda reviews: (200, {}, body(text, finish))


def answers(change):
    """The model answers, after `change` was made to the list of answers."""
    return lambda reviews: (200, {}, body(json.dumps(change(answers_for(reviews)))))


def right(reviews):
    return 200, {}, body(json.dumps(answers_for(reviews)))


def status(code, name="", message="", headers=None, details=()):
    """The service refuses, in the API's form."""
    error = {"code": code, "status": name, "message": message, "details": list(details)}
    return lambda reviews: (code, headers or {}, {"error": error})


def raw(content, code=200, headers=None):
    """Any bytes."""
    return lambda reviews: (code, headers or {}, content)


def quota(quota_id, delay=None):
    """429, with the details the API sends."""
    failure = {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [{"quotaId": quota_id}],
    }
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}
    details = [failure, info] if delay else [failure]
    return status(429, "RESOURCE_EXHAUSTED", "You exceeded your quota", details=details)


class FakeGemini:
    """Plays one behaviour a request, in their order; when there is none left, the last rule.

    Attributes
    ----------
    script : list
        Behaviours: functions from the request's reviews to (status, headers, body), or one of
        the words "hang up", "silence", "drip body", "drip head".
    otherwise : callable
        The behaviour after the script.
    requests : list of dict
        What was sent: path, headers, body, reviews.
    """

    def __init__(self):
        self.script, self.otherwise, self.requests = [], right, []
        self.ended = threading.Event()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def texts(self):
        """The reviews of each request, without the canaries' ids."""
        return [[review["text"] for review in request["reviews"]] for request in self.requests]

    def _next(self, path, headers, sent):
        message = sent["contents"][0]["parts"][0]["text"]
        reviews = json.loads(message)["reviews"]
        with self._lock:
            self.requests.append(
                {"path": path, "headers": headers, "body": sent, "reviews": reviews}
            )
            behave = self.script.pop(0) if self.script else self.otherwise
        return behave, reviews

    def _handler(fake):  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args): ...

            def do_POST(self):
                sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
                behave, reviews = fake._next(self.path, dict(self.headers), sent)
                if isinstance(behave, str):
                    self.close_connection = True
                    fake._misbehave(behave, self)
                    return
                code, headers, content = behave(reviews)
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(code)
                for name, value in ({"content-length": str(len(data))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

        return Handler

    def _misbehave(self, how, handler):
        if how == "silence":
            self.ended.wait(5)
        elif how.startswith("drip"):
            head = b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n"
            handler.wfile.write(head if how == "drip body" else b"HTTP/1.1 200 OK\r\nx: ")
            try:
                while not self.ended.is_set():
                    handler.wfile.write(b" " if how == "drip body" else b"y")
                    handler.wfile.flush()
                    time.sleep(0.02)
            except OSError:
                pass
