import { startScriptedServer, type ScriptedAnswer, type SeenRequest } from '../support/scriptedServer';

/** A host that is none of the registries: redirects lead to it. */
export interface Elsewhere {
  /** `http://127.0.0.2:port/<case>`: what a case is redirected to. */
  addressFor(caseName: string): string;
  /** What came from a case that should not have: secrets, and content that was to be uploaded. */
  leaksOf(caseName: string): readonly string[];
  readonly host: string;
  stop(): Promise<void>;
}

const answers: Readonly<Record<string, ScriptedAnswer>> = {
  missing: { status: 404 },
  asking: { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="elsewhere"' } },
  page: { status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html><p>Please log in</html>' },
};

/** Starts it on an address of its own, so that nothing takes it for the registry. */
export async function startElsewhere(): Promise<Elsewhere> {
  const answer = ({ line }: SeenRequest) => answers[line.split('/').at(-1) ?? ''] ?? { status: 404 };
  const server = await startScriptedServer(answer, '127.0.0.2');
  return {
    host: server.host,
    addressFor: (name) => `http://${server.host}/${encodeURIComponent(name)}`,
    leaksOf: (name) =>
      server.seen
        .filter(({ line }) => line.includes(`/${encodeURIComponent(name)}/`))
        .flatMap(({ line, headers, body }) => [
          ...(headers.authorization === undefined ? [] : [`Authorization with ${line}`]),
          ...(body.length > 0 ? [`${body.length} bytes with ${line}`] : []),
        ]),
    stop: () => server.stop(),
  };
}
