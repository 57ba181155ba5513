"""Runs in the machine: asks the wires for swipes in a line of JSON, and shows what they tell."""

import socket
import sys

with socket.socket(socket.AF_UNIX) as connection:
    connection.connect("/run/wires/swipes.sock")
    connection.sendall(sys.argv[1].encode() + b"\n")
    while told := connection.recv(4096):
        sys.stdout.write(told.decode())
        sys.stdout.flush()
