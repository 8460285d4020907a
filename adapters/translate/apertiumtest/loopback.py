import os, signal, socket, sys, threading
import tornado.tcpserver
from apertium_apy import apy

os.setpgrp()
bind = tornado.tcpserver.bind_sockets


def on_loopback(port, address=None, **options):
    sockets = bind(0, '127.0.0.1')
    print(sockets[0].getsockname()[1], flush=True)
    return sockets


def end_with_parent():
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


tornado.tcpserver.bind_sockets = on_loopback
threading.Thread(target=end_with_parent, daemon=True).start()
# One process, several translators at once, each of which may take its time on a slow machine.
sys.argv = ['apertium-apy', '-j', '1', '-i', '2', '-t', '120', sys.argv[1]]
apy.main()
