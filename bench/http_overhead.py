"""What HTTP costs: the time a client waits beyond what the server spent on prompt and answer, as it says in `timings`.

Usage: tools/gemmavk serve, then python3 bench/http_overhead.py [http://127.0.0.1:11435/]
"""
import json
import statistics
import sys
import time
import urllib.request

address = (sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:11435/") + "v1/chat/completions"


def ask(length):
    body = {
        "messages": [{"role": "user", "content": "Write letters."}], "stream": True, "temperature": 0,
        "max_tokens": 1000, "guided_regex": "[a-z]{%d}" % length,
    }
    request = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
    start, first, timings = time.perf_counter(), None, None
    with urllib.request.urlopen(request) as answer:
        for line in answer:
            if line.startswith(b"data: {"):
                chunk = json.loads(line[6:])
                timings = chunk.get("timings") or timings
                if first is None and chunk["choices"] and chunk["choices"][0]["delta"].get("content"):
                    first = 1e3 * (time.perf_counter() - start)
    return 1e3 * (time.perf_counter() - start), first, timings


ask(400)
runs = [ask(400) for _ in range(15)]
tokens = runs[0][2]["predicted_n"]
after_prompt = [first - timings["prompt_ms"] for _, first, timings in runs]
beyond = [1e3 * (total - timings["prompt_ms"] - timings["predicted_ms"]) / tokens for total, _, timings in runs]
print(f"{tokens} tokens, {len(runs)} answers, medians: first content {statistics.median(after_prompt):.1f} ms after the prompt, "
      f"{statistics.median(beyond):.1f} us beyond the model's time for each token")
