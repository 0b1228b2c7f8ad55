import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Knows which connections of a server have a request under way. The server's own
 * `closeIdleConnections` does not count a connection that was opened but never used as idle, and
 * one such connection would hold up the shutdown until its deadline.
 */
export class OpenConnections {
  readonly #requests = new Map<Socket, number>();

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      this.#requests.set(socket, 0);
      socket.once('close', () => this.#requests.delete(socket));
    });
    server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.#count(socket, 1);
      response.once('close', () => {
        this.#count(socket, -1);
      });
    });
  }

  closeUnused(): void {
    for (const [socket, requests] of this.#requests) {
      if (requests === 0) {
        socket.destroy();
      }
    }
  }

  #count(socket: Socket, change: number): void {
    const requests = this.#requests.get(socket);
    if (requests !== undefined) {
      this.#requests.set(socket, requests + change);
    }
  }
}
