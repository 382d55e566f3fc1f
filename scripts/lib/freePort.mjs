import { once } from 'node:events';
import net from 'node:net';

/** The wanted port of 127.0.0.1 when it is free, else any free one. */
export async function freePort(wanted = 0) {
  try {
    return await tryPort(wanted);
  } catch (error) {
    if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') throw error;
    return tryPort(0);
  }
}

async function tryPort(wanted) {
  const server = net.createServer();
  server.listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
