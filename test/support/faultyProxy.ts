import { Agent, createServer, request as httpRequest, STATUS_CODES } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** Where in an exchange a connection is cut or falls silent. */
export type Moment =
  /** Before the registry hears of the request. */
  | 'before'
  /** In the middle of the request's body; the registry gets what came so far. */
  | 'in the request'
  /** When the registry has done what was asked, before it is said. */
  | 'after'
  | 'in the head'
  | 'in the body';

/** The connection is cut, or nothing more comes. */
export interface Break {
  readonly kind: 'cut' | 'stall';
  readonly moment: Moment;
}

/** What is done to one exchange. */
export type Fault =
  | Break
  /**
   * An answer with less than all of its body: `length` still announces all, `chunked` lacks its last chunk, `shorter`
   * announces what it has, `until close` announces nothing.
   */
  | { readonly kind: 'truncate'; readonly as: 'length' | 'chunked' | 'shorter' | 'until close' }
  /** One byte is another one: a bit of it where a digest tells, else (a list, a token) one that JSON cannot have. */
  | { readonly kind: 'corrupt'; readonly part: 'request' | 'answer' }
  /** Answers in place of the registry; `early` without reading the request's body. */
  | { readonly kind: 'answer'; readonly answer: Answer; readonly early?: true }
  /** The registry gets the request twice, or the client the whole answer twice, or an answer with its body twice. */
  | { readonly kind: 'repeat'; readonly part: 'request' | 'answer' | 'body' };

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** One exchange as it would have been without a fault; `answer` is there when the registry was asked. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly requestBytes: number;
  readonly contentType: string | undefined;
  /** The header `Range`. */
  readonly range: string | undefined;
  /** Whether the request carries a credential. */
  readonly isSignedIn: boolean;
  answer?: { readonly status: number; readonly bytes: number };
}

/** A fault, and at which byte: from 0, the first, up to 1, behind the last. */
export interface PlannedFault {
  readonly fault: Fault;
  readonly place: number;
}

export interface FaultyProxyOptions {
  /** `host:port` of the registry. */
  readonly upstream: string;
  /** The token server that the registry names: its requests come through here as well. */
  readonly tokenServer?: string | undefined;
  /** Decides, when a request comes in, what becomes of it; the request waits for that. */
  readonly faultFor?: (exchange: Exchange) => PlannedFault | undefined | Promise<PlannedFault | undefined>;
}

/** A reverse proxy in front of a registry that does harm to chosen requests. Keeps bodies in memory. */
export interface FaultyProxy {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  readonly seen: readonly Exchange[];
  stop(): Promise<void>;
}

/** Starts one on loopback. */
export async function startFaultyProxy(options: FaultyProxyOptions): Promise<FaultyProxy> {
  const agent = new Agent({ keepAlive: true });
  const seen: Exchange[] = [];
  const server = createServer((request, response) => {
    const client = { request, response };
    void new Passage(client, { ...options, agent, seen }).run().catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, seen, stop: () => stop(server, agent) };
}

async function stop(server: Server, agent: Agent): Promise<void> {
  agent.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

interface Client {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

function exchangeOf({ method = 'GET', url = '/', headers }: IncomingMessage): Exchange {
  return {
    method,
    path: url,
    requestBytes: Number(headers['content-length'] ?? 0),
    contentType: headers['content-type'],
    range: headers.range,
    isSignedIn: headers.authorization !== undefined,
  };
}

interface Setting extends FaultyProxyOptions {
  readonly agent: Agent;
  readonly seen: Exchange[];
}

/** One request on its way to the registry, and its answer on the way back. */
class Passage {
  constructor(
    private readonly client: Client,
    private readonly setting: Setting,
  ) {}

  async run(): Promise<void> {
    const exchange = exchangeOf(this.client.request);
    const { fault, place } = (await this.setting.faultFor?.(exchange)) ?? { fault: undefined, place: 0 };
    this.setting.seen.push(exchange);
    if (fault && 'moment' in fault && fault.moment === 'before') return this.breakOff(fault);
    if (fault && 'moment' in fault && fault.moment === 'in the request') return this.breakIn(fault, place);
    if (fault?.kind === 'answer' && fault.early) return this.send(fault.answer);
    const sent = await buffer(this.client.request);
    if (fault?.kind === 'answer') return this.send(fault.answer);
    const body = fault?.kind === 'corrupt' && fault.part === 'request' ? flipped(sent, place) : sent;
    if (fault?.kind === 'repeat' && fault.part === 'request') await this.ask(body);
    const answer = await this.ask(body);
    exchange.answer = { status: answer.status, bytes: answer.body.length };
    this.deliver(answer, fault, place);
  }

  private deliver(answer: Answer, fault: Fault | undefined, place: number): void {
    const bytes = Math.min(answer.body.length - 1, Math.floor(place * answer.body.length));
    if (fault?.kind === 'truncate') return this.truncate(answer, fault.as, bytes);
    if (fault?.kind === 'cut' || fault?.kind === 'stall') return this.breakAnswer(answer, fault, bytes);
    if (fault?.kind === 'corrupt' && fault.part === 'answer')
      return this.send({ ...answer, body: this.corrupted(answer, place) });
    if (fault?.kind !== 'repeat' || fault.part === 'request') return this.send(answer);
    if (fault.part === 'body')
      return this.send({ ...answer, body: Buffer.concat([answer.body, answer.body]) });
    const { socket } = this.client.request;
    this.client.response.once('finish', () => socket.write(rawAnswer(answer)));
    this.send(answer);
  }

  private corrupted({ headers, body }: Answer, place: number): Buffer {
    const { url = '' } = this.client.request;
    if ('docker-content-digest' in headers || url.includes('/blobs/')) return flipped(body, place);
    const copy = Buffer.from(body);
    copy[Math.min(body.length - 1, Math.floor(place * body.length))] = 0;
    return copy;
  }

  private breakOff({ kind }: Pick<Break, 'kind'>): void {
    if (kind === 'cut') this.client.request.socket.destroy();
  }

  private async breakIn(fault: Break, place: number): Promise<void> {
    const { request } = this.client;
    const bytes = Math.floor(place * Number(request.headers['content-length'] ?? 0));
    const passed = this.open();
    passed.on('error', () => undefined);
    let leftBytes = bytes;
    await new Promise<void>((resolve) => {
      request.once('close', resolve).once('end', resolve);
      request.on('data', (chunk: Buffer) => {
        passed.write(chunk.subarray(0, Math.max(0, leftBytes)));
        leftBytes -= chunk.length;
        if (leftBytes <= 0) resolve();
      });
    });
    request.pause();
    passed.flushHeaders();
    setImmediate(() => passed.destroy());
    this.breakOff(fault);
  }

  private breakAnswer(answer: Answer, fault: Break, bytes: number): void {
    const raw = rawAnswer(answer);
    const headBytes = raw.length - answer.body.length;
    const sent = { 'in the head': headBytes / 2, 'in the body': headBytes + bytes };
    const end = fault.moment in sent ? sent[fault.moment as keyof typeof sent] : 0;
    this.client.request.socket.write(raw.subarray(0, Math.floor(end)), () => this.breakOff(fault));
  }

  private truncate(answer: Answer, as: string, bytes: number): void {
    const body = answer.body.subarray(0, bytes);
    if (as === 'shorter') return this.send({ ...answer, body });
    const { 'content-length': length = String(answer.body.length), ...others } = answer.headers;
    const headers = {
      length: { ...others, 'content-length': length },
      chunked: { ...others, 'transfer-encoding': 'chunked' },
      'until close': { ...others, connection: 'close' },
    }[as];
    const chunk = Buffer.concat([Buffer.from(`${bytes.toString(16)}\r\n`), body, Buffer.from('\r\n')]);
    const sent = as === 'chunked' ? (bytes > 0 ? chunk : Buffer.alloc(0)) : body;
    this.client.request.socket.end(rawAnswer({ ...answer, headers: headers ?? {}, body: sent }));
  }

  private send({ status, headers, body }: Answer): void {
    const { request, response } = this.client;
    const isHead = request.method === 'HEAD';
    const hasBody = !isHead && status !== 204 && status !== 304;
    const length = hasBody && { 'content-length': String(body.length) };
    response.writeHead(status, { ...headers, ...length }).end(hasBody ? body : undefined);
  }

  private async ask(body: Buffer): Promise<Answer> {
    const passed = this.open();
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      passed.once('response', resolve).once('error', reject);
    });
    passed.end(body);
    const response = await answered;
    const headers = this.withOwnTokenServer(response);
    return { status: response.statusCode ?? 502, headers, body: await buffer(response) };
  }

  private open(): ReturnType<typeof httpRequest> {
    const { method, url = '/', headers } = this.client.request;
    const { upstream, tokenServer, agent } = this.setting;
    const isForToken = tokenServer !== undefined && url.startsWith(new URL(tokenServer).pathname);
    const base = isForToken ? new URL(tokenServer).origin : `http://${upstream}`;
    return httpRequest(`${base}${url}`, { method, headers, agent });
  }

  private withOwnTokenServer(response: IncomingMessage): Record<string, string> {
    const { tokenServer } = this.setting;
    const headers = Object.fromEntries(
      Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
    );
    for (const hop of ['connection', 'keep-alive', 'transfer-encoding']) delete headers[hop];
    const challenge = headers['www-authenticate'];
    if (tokenServer === undefined || challenge === undefined) return headers;
    const own = `http://${this.client.request.headers.host}`;
    return { ...headers, 'www-authenticate': challenge.replace(new URL(tokenServer).origin, own) };
  }
}

function flipped(body: Buffer, place: number): Buffer {
  const copy = Buffer.from(body);
  const at = Math.min(body.length - 1, Math.floor(place * body.length));
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

function rawAnswer({ status, headers, body }: Answer): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}
