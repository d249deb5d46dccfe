"""Rules that only raw netlink makes, as a tenant may who has CAP_NET_ADMIN in their own namespace: nft(8) would refuse them.

`fuzz SEED COUNT` sends COUNT random rules and prints how many the kernel has taken. `lookups` makes a chain at the hook
output whose rule looks up what a map gives in sets of unknown types, and prints 1.
"""
import random, socket, struct, sys

NETLINK_NETFILTER, NFNL_SUBSYS_NFTABLES, NFPROTO_INET = 12, 10, 1
BEGIN, END = 16, 17
NEWTABLE, NEWCHAIN, NEWRULE, NEWSET, NEWSETELEM = 0, 3, 6, 9, 12
REQUEST, ACK, CREATE, APPEND = 1, 4, 0x400, 0x800
NESTED = 0x8000

channel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
channel.bind((0, 0))


def attribute(number, value):
    if isinstance(value, list):
        number, value = number | NESTED, b"".join(value)
    if isinstance(value, int):
        value = struct.pack(">I", value)
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogateescape") + b"\0"
    return struct.pack("HH", 4 + len(value), number) + value + b"\0" * (-len(value) % 4)


def message(kind, flags, content, family=NFPROTO_INET, resource=0):
    content = struct.pack(">BBH", family, 0, resource) + b"".join(content)
    return struct.pack("IHHII", 16 + len(content), kind, flags | REQUEST, 1, 0) + content


def new(kind, *content, flags=CREATE | ACK):
    return message(NFNL_SUBSYS_NFTABLES << 8 | kind, flags, content)


def commit(*messages):
    """Returns the errno of each answer."""
    begin = message(BEGIN, 0, [], 0, NFNL_SUBSYS_NFTABLES)
    end = message(END, 0, [], 0, NFNL_SUBSYS_NFTABLES)
    channel.send(begin + b"".join(messages) + end)
    answers = []
    channel.setblocking(False)
    while True:
        try:
            received = channel.recv(1 << 20)
        except BlockingIOError:
            return answers
        at = 0
        while at < len(received):
            length, kind = struct.unpack_from("IH", received, at)
            if kind == 2:
                answers.append(struct.unpack_from("i", received, at + 16)[0])
            at += length + 3 & ~3


def table():
    return new(NEWTABLE, attribute(1, "t"))


def chain(name, hook=None):
    content = [attribute(1, "t"), attribute(3, name)]
    if hook is not None:
        content += [attribute(4, [attribute(1, hook), attribute(2, 0)]), attribute(7, "filter")]
    return new(NEWCHAIN, *content)


def new_set(name, number, key, key_length, data=None, flags=0):
    content = [attribute(1, "t"), attribute(2, name), attribute(3, flags | (8 if data else 0)), attribute(4, key)]
    content += [attribute(5, key_length), attribute(10, number)]
    if data:
        content += [attribute(6, data[0]), attribute(7, data[1])]
    return new(NEWSET, *content)


def element(of, key, data=None, catchall=False):
    content = [attribute(3, 2)] if catchall else [attribute(1, [attribute(1, key)])]
    if data is not None:
        content.append(attribute(2, [attribute(1, data)]))
    return new(NEWSETELEM, attribute(1, "t"), attribute(2, of), attribute(3, [attribute(1, content)]))


def expression(name, *content):
    return attribute(1, [attribute(1, name), attribute(2, list(content))])


def rule(to, expressions, userdata=b""):
    content = [attribute(1, "t"), attribute(2, to), attribute(4, expressions)]
    if userdata:
        content.append(attribute(7, userdata))
    return new(NEWRULE, *content, flags=CREATE | APPEND | ACK)


def lookup(sreg, of, dreg=None):
    content = [attribute(1, of), attribute(2, sreg)]
    return expression("lookup", *content, *([] if dreg is None else [attribute(3, dreg)]))


def meta(key, dreg):
    return expression("meta", attribute(2, key), attribute(1, dreg))


MARK, MARK_TYPE, UNKNOWN_TYPE, VERDICT_TYPE = 3, 19, 63, 0xFFFFFF00
SETS = [
    ("m", 1, MARK_TYPE, 4, (MARK_TYPE, 4)),
    ("odd", 2, UNKNOWN_TYPE, 4, (UNKNOWN_TYPE, 4)),
    ("s", 3, UNKNOWN_TYPE, 4, None),
    ("wide", 4, 0x3FFFFFFF, 64, (0, 16)),
    ("v", 5, MARK_TYPE, 4, (VERDICT_TYPE, 0)),
    ("names", 6, 41, 16, None),
    ("dyn", 7, UNKNOWN_TYPE, 4, None, 0x20),
]


def prepared():
    return [table(), chain("c"), chain("end")] + [new_set(*one) for one in SETS]


def lookups():
    zero = struct.pack("I", 0)
    content = [meta(MARK, 1), lookup(1, "m", 1), lookup(1, "odd", 1), lookup(1, "m", 1), lookup(1, "s")]
    filled = [element("m", zero, zero), element("odd", zero, zero), element("s", zero)]
    accept = expression("immediate", attribute(1, 0), attribute(2, [attribute(2, [attribute(1, 1)])]))
    answers = commit(*prepared(), chain("out", 3), *filled, rule("out", content + [accept]))
    assert answers and not any(answers), answers
    return 1


def register(): return random.choice([1, 2, 3, 4, *range(8, 24)])
def data(length=None): return [attribute(1, random.randbytes(length or random.choice([1, 2, 4, 6, 8, 16])))]


def verdict():
    code = random.choice([0, 1, -1, -2, -5, -3, -4])
    target = [attribute(2, "end")] if code in (-3, -4) else []
    return [attribute(2, [attribute(1, struct.pack(">i", code)), *target])]


def bitwise():
    length = random.choice([1, 2, 4, 8, 16])
    content = [attribute(1, register()), attribute(2, register()), attribute(3, length)]
    return expression("bitwise", *content, attribute(4, data(length)), attribute(5, data(length)))


def range_of():
    low, high = sorted([random.randbytes(4), random.randbytes(4)])
    content = [attribute(1, register()), attribute(2, random.randint(0, 1))]
    return expression("range", *content, attribute(3, [attribute(1, low)]), attribute(4, [attribute(1, high)]))


def prefix(): return random.choice([b"\x1b[2J\naccepted", b"\xff\xfe", "\u202eend".encode(), b"x" * 100]) + b"\0"


MAKERS = [
    lambda: meta(random.choice([*range(0, 35)]), register()),
    lambda: meta(random.choice([1, 3, 6, 15, 16]), register()),
    lambda: expression("payload", attribute(1, register()), attribute(2, random.randint(0, 2)),
                       attribute(3, random.randint(0, 40)), attribute(4, random.randint(1, 16))),
    lambda: expression("ct", attribute(1, register()), attribute(2, random.choice([0, 2, 3, 10]))),
    lambda: expression("immediate", attribute(1, register()), attribute(2, data())),
    lambda: expression("immediate", attribute(1, 0), attribute(2, verdict())),
    lambda: expression("cmp", attribute(1, register()), attribute(2, random.randint(0, 5)), attribute(3, data())),
    bitwise,
    range_of,
    lambda: expression("byteorder", attribute(1, register()), attribute(2, register()), attribute(3, random.randint(0, 1)),
                       attribute(4, random.choice([2, 4, 8])), attribute(5, random.choice([2, 4, 8]))),
    lambda: lookup(register(), random.choice(["m", "odd", "wide"]), register()),
    lambda: lookup(register(), random.choice(["m", "odd"]), register()),
    lambda: lookup(register(), random.choice(["s", "names"])),
    lambda: lookup(register(), "v", 0),
    lambda: expression("dynset", attribute(1, "dyn"), attribute(3, random.randint(0, 2)), attribute(4, register())),
    lambda: expression("counter"),
    lambda: expression("limit", attribute(1, struct.pack(">Q", random.getrandbits(random.randint(1, 40)) + 1)),
                       attribute(2, struct.pack(">Q", random.choice([1, 60, 7, 1 << 30])))),
    lambda: expression("log", attribute(2, prefix())),
    lambda: expression("numgen", attribute(1, register()), attribute(2, random.getrandbits(31) + 1), attribute(3, random.randint(0, 1))),
    lambda: expression("hash", attribute(1, register()), attribute(2, register()), attribute(3, 4),
                       attribute(4, 16), attribute(5, 1)),
    lambda: expression("fib", attribute(1, register()), attribute(2, 3), attribute(3, random.randint(1, 3))),
    lambda: expression("exthdr", attribute(1, register()), attribute(2, struct.pack("B", random.getrandbits(8))),
                       attribute(3, random.randint(0, 255)), attribute(4, random.randint(1, 16)), attribute(6, random.randint(0, 4))),
    lambda: expression("rt", attribute(1, register()), attribute(2, random.randint(0, 3))),
    lambda: expression("quota", attribute(1, struct.pack(">Q", random.getrandbits(60)))),
    lambda: expression("reject", attribute(1, 2), attribute(2, struct.pack("B", random.randint(0, 3)))),
    lambda: expression("last"),
]


def fuzz(seed, count):
    random.seed(int(seed))
    assert not any(commit(*prepared()))
    junk = [element("names", random.randbytes(16)) for _ in range(20)]
    commit(*junk, element("wide", random.randbytes(64), random.randbytes(16)), element("s", b"", catchall=True))
    taken = 0
    for _ in range(int(count)):
        # what a rule reads, it has to have loaded
        loads = [meta(random.choice([MARK, 6]), one) for one in random.sample([1, 2, 3, 4], random.randint(0, 4))]
        content = loads + [random.choice(MAKERS)() for _ in range(random.randint(1, 8))]
        answers = commit(rule("c", content, random.randbytes(random.choice([0, 1, 2, 3, 40, 256]))))
        taken += answers == [0]
    return taken


print({"fuzz": fuzz, "lookups": lookups}[sys.argv[1]](*sys.argv[2:]))
