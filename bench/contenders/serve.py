"""Obeys lines "VERB N" on standard input and answers each with one line of JSON."""
import json
import sys
import time


def serve(obey):
    print('{"ready": true}', flush=True)
    for line in sys.stdin:
        verb, _, n = line.strip().partition(' ')
        start = time.monotonic()
        count = obey(verb, int(n or 0))
        print(json.dumps({'ms': (time.monotonic() - start) * 1e3, 'count': count}), flush=True)
