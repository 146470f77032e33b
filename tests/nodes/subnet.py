"""Machines in network namespaces, and the faults of the network between them.

The namespaces have no names: each lives as long as its processes, which end with the test. The test
itself is the first machine, in a namespace of its own.
"""

import contextlib
import ctypes
import fcntl
import heapq
import itertools
import os
import select
import shutil
import struct
import subprocess
import threading
import time

from processes import WITH_TEST, Impossible, check, wait_until

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000

libc = ctypes.CDLL(None, use_errno=True)

NETWORK = "10.77.0."
# In each namespace.
INTERFACE = "lan"


def run(*command, text=""):
    """Runs a tool of the system; the test is impossible where it fails."""
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Impossible(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")


def require_tools():
    if os.geteuid() != 0:
        raise Impossible("network namespaces need root")
    missing = [tool for tool in ("ip", "nft", "nsenter", "unshare") if shutil.which(tool) is None]
    if missing:
        raise Impossible(f"{', '.join(missing)} is missing (packages iproute2, nftables, util-linux)")


class Machine:
    """A network namespace with one address.

    pid: of a process in it.
    """

    def __init__(self, number, pid):
        self.address = f"{NETWORK}{number}"
        self.pid = pid
        self.command = ("nsenter", f"--net=/proc/{pid}/ns/net")

    @contextlib.contextmanager
    def inside(self):
        """Sockets and descriptors that this thread makes in the `with` block belong to the machine."""
        own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(f"/proc/{self.pid}/ns/net", os.O_RDONLY)
        try:
            check(libc.setns(there, CLONE_NEWNET) == 0, "setns failed")
            try:
                yield
            finally:
                check(libc.setns(own, CLONE_NEWNET) == 0, "setns failed")
        finally:
            os.close(own)
            os.close(there)

    def run(self, *command, text=""):
        run(*self.command, *command, text=text)

    def set_address(self):
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "address", "add", f"{self.address}/24", "dev", INTERFACE)
        self.run("ip", "link", "set", INTERFACE, "up")

    # -- faults ----------------------------------------------------------------------

    def filter(self, incoming, outgoing):
        """Has the kernel judge each packet by these rules of nftables."""
        self.heal()
        rules = "".join(f"chain {hook} {{ type filter hook {hook} priority 0; {rule}; }}\n"
                        for hook, rule in (("input", incoming), ("output", outgoing)))
        self.run("nft", "-f", "-", text=f"table inet faults {{\n{rules}}}\n")

    def cut_off(self, *others):
        """Packets from and to the other machines vanish; without arguments, from and to all."""
        network = f"{NETWORK}0/24"
        addresses = ", ".join(each.address for each in others) or network
        self.filter(f"ip saddr {{ {addresses} }} drop", f"ip daddr {{ {addresses} }} drop")

    def reset(self):
        """Every packet of TCP that comes is answered with a reset, but for resets themselves."""
        self.filter(f"ip saddr {NETWORK}0/24 tcp flags & rst == 0 reject with tcp reset", "accept")

    def lose(self, percent):
        """This share of the packets vanishes, in each direction."""
        rule = f"ip %s {NETWORK}0/24 numgen random mod 100 < {percent} drop"
        self.filter(rule % "saddr", rule % "daddr")

    def heal(self):
        self.run("nft", "flush", "ruleset")


class Subnet:
    """Machines at one bridge; the first is the test itself, which leaves its own network for ever."""

    def __init__(self, count):
        require_tools()
        if libc.unshare(CLONE_NEWNET) != 0:
            raise Impossible("this process may not make network namespaces")
        self.holders = []
        # Only the main thread has left the network of the process.
        self.machines = [Machine(1, f"{os.getpid()}/task/{threading.get_native_id()}")]
        for number in range(2, count + 1):
            self.machines.append(Machine(number, self.hold()))
        self.connect()
        for each in self.machines:
            each.set_address()

    def hold(self):
        """Makes a namespace, and returns the process that keeps it."""
        holder = subprocess.Popen([*WITH_TEST, "unshare", "--net", "sleep", "infinity"])
        self.holders.append(holder)
        own = os.readlink("/proc/thread-self/ns/net")
        wait_until(lambda: os.readlink(f"/proc/{holder.pid}/ns/net") != own, 10, "a network namespace")
        return holder.pid

    def connect(self):
        run("ip", "link", "add", INTERFACE, "type", "bridge")
        for each in self.machines[1:]:
            name = f"to{each.pid}"
            run("ip", "link", "add", name, "type", "veth", "peer", "name", INTERFACE, "netns", str(each.pid))
            run("ip", "link", "set", name, "master", INTERFACE, "up")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for each in self.holders:
            each.kill()
            each.wait()


class SlowSubnet(Subnet):
    """Machines between which each packet takes some time: this process carries them."""

    def __init__(self, count, seconds):
        self.seconds = seconds
        self.taps = []
        self.is_over = False
        super().__init__(count)
        self.carrier = threading.Thread(target=self.carry)
        self.carrier.start()

    def connect(self):
        for each in self.machines:
            with each.inside():
                try:
                    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
                except OSError as problem:
                    raise Impossible(f"/dev/net/tun: {problem}") from None
                fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", INTERFACE.encode(), IFF_TAP | IFF_NO_PI))
            self.taps.append(tap)

    def carry(self):
        under_way = []
        numbers = itertools.count()
        while not self.is_over:
            wait = max(under_way[0][0] - time.monotonic(), 0) if under_way else 0.1
            for tap in select.select(self.taps, [], [], min(wait, 0.1))[0]:
                heapq.heappush(under_way, (time.monotonic() + self.seconds, next(numbers), tap, os.read(tap, 65536)))
            while under_way and under_way[0][0] <= time.monotonic():
                _, _, source, frame = heapq.heappop(under_way)
                for tap in self.taps:
                    if tap != source:
                        with contextlib.suppress(BlockingIOError):
                            os.write(tap, frame)

    def __exit__(self, *arguments):
        self.is_over = True
        self.carrier.join()
        for tap in self.taps:
            os.close(tap)
        super().__exit__(*arguments)
