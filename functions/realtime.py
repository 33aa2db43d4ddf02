"""Real time: conversations with the mentor over one WebSocket. A container of its own, as functions have no WebSockets.

python -m functions.realtime        # serves PORT
"""

from shared.realtime.socket import Realtime
from shared.web.edge import Edge

edge = Edge("realtime", description="The mentor over a WebSocket: chat, resume, stop on one connection.")
app = Realtime(edge)

if __name__ == "__main__":
    from shared.realtime.serve import serve

    serve(app)
