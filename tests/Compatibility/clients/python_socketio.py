"""Debian's python-socketio 5 client, driven by JSON lines.

Usage: python_socketio.py url transport[,transport]
"""
import json
import sys
import threading
import time

import socketio


saying = threading.Lock()


def say(what, *args):
    # The library runs each handler in a thread of its own.
    with saying:
        sys.stdout.write(json.dumps({'what': what, 'args': [readable(arg) for arg in args]}) + '\n')
        sys.stdout.flush()


def readable(value):
    if isinstance(value, bytes):
        return {'bytes': list(value)}
    if isinstance(value, (list, tuple)):
        return [readable(item) for item in value]
    if isinstance(value, dict):
        return {key: readable(item) for key, item in value.items()}
    return value


def revive(value):
    if isinstance(value, list):
        return [revive(item) for item in value]
    if isinstance(value, dict):
        if isinstance(value.get('bytes'), list):
            return bytes(value['bytes'])
        return {key: revive(item) for key, item in value.items()}
    return value


url, transports = sys.argv[1:3]
client = socketio.Client(reconnection_delay=0.1, reconnection_delay_max=0.2)
client.on('connect', lambda: say('connect', client.get_sid(), client.transport()))
client.on('disconnect', lambda: say('disconnect'))
client.on('connect_error', lambda data: say('connect_error', str(data)))
for name in 'hello', 'echo', 'news':
    client.on(name, lambda *args, name=name: say(name, *args))


@client.on('question')
def question(value):
    say('question', value)
    return 'answer', value


client.connect(url, transports=transports.split(','), wait=False)
for line in sys.stdin:
    command = json.loads(line)
    if command['do'] == 'emit':
        client.emit(command['name'], tuple(revive(command['args'])))
    elif command['do'] == 'ask':
        client.emit(command['name'], tuple(revive(command['args'])), callback=lambda *args: say('ack', *args))
    elif command['do'] == 'transport':
        say('transport', client.transport())
    elif command['do'] == 'disconnect':
        client.disconnect()
        time.sleep(0.1)
