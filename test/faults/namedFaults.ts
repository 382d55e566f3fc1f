import type { Answer, Exchange, Fault, Moment } from '../support/faultyProxy';

/** Harm under a name, and which requests it can be done to. */
export interface NamedFault {
  readonly name: string;
  /** Once, or to each repetition of the request as well. */
  readonly times: 'once' | 'always';
  readonly fits: (exchange: Exchange) => boolean;
  /** `elsewhere` is an address that no request should follow to with a secret. */
  readonly make: (elsewhere: string) => Fault;
}

const any = () => true;
const hasRequestBody = ({ requestBytes }: Exchange) => requestBytes > 1;
const hasBody = ({ method, answer }: Exchange) => method !== 'HEAD' && (answer?.bytes ?? 0) > 1;
const sends = ({ method }: Exchange) => method !== 'HEAD' && method !== 'GET';
const hasHead = ({ answer }: Exchange) => answer !== undefined;

/** Every harm that is tried. */
export const faults: readonly NamedFault[] = [
  ...broken('cut', 'cut'),
  ...broken('stall', 'silence'),
  truncated('length', 'body ends early, Content-Length says more'),
  truncated('chunked', 'body ends early, last chunk missing'),
  truncated('shorter', 'body ends early, Content-Length agrees'),
  truncated('until close', 'body ends early, no length given'),
  once('one byte of the answer changed', hasBody, () => ({ kind: 'corrupt', part: 'answer' })),
  once('one byte of the request changed', hasRequestBody, () => ({ kind: 'corrupt', part: 'request' })),
  once('request delivered twice', any, () => ({ kind: 'repeat', part: 'request' })),
  once('answer sent twice', any, () => ({ kind: 'repeat', part: 'answer' })),
  once('body of the answer doubled', hasBody, () => ({ kind: 'repeat', part: 'body' })),
  answered('401 with a challenge', spec(401, 'UNAUTHORIZED', { 'www-authenticate': 'Basic realm="x"' })),
  answered('401 without a challenge', spec(401, 'UNAUTHORIZED')),
  answered('403', spec(403, 'DENIED')),
  answered('404', spec(404, 'NAME_UNKNOWN')),
  answered('416', spec(416, 'RANGE_INVALID')),
  { ...answered('413', spec(413, 'SIZE_INVALID'), sends), make: () => early(spec(413, 'SIZE_INVALID')) },
  ...passing('429, Retry-After 1', spec(429, 'TOOMANYREQUESTS', { 'retry-after': '1' })),
  answered('429, Retry-After an hour', spec(429, 'TOOMANYREQUESTS', { 'retry-after': '3600' })),
  ...passing('500', spec(500, 'UNKNOWN')),
  ...passing('502 with a web page', page(502)),
  ...passing('503, Retry-After 1', spec(503, 'UNAVAILABLE', { 'retry-after': '1' })),
  answered('200 with a web page', page(200)),
  redirected('a host that knows nothing', 'missing'),
  redirected('a host that asks who is there', 'asking'),
  redirected('a login page', 'page'),
];

function once(name: string, fits: NamedFault['fits'], make: NamedFault['make']): NamedFault {
  return { name, times: 'once', fits, make };
}

function broken(kind: 'cut' | 'stall', name: string): readonly NamedFault[] {
  const at = (moment: Moment, fits: NamedFault['fits']) =>
    once(`${name} ${moment}`, fits, () => ({ kind, moment }));
  const harms = [
    at('before', any),
    at('in the request', hasRequestBody),
    at('after', hasHead),
    at('in the head', hasHead),
    at('in the body', hasBody),
  ];
  const always = (harm: NamedFault): NamedFault => ({
    ...harm,
    name: `${harm.name}, always`,
    times: 'always',
  });
  return [...harms, ...harms.filter(({ name: each }) => /before|body/.test(each)).map(always)];
}

function truncated(as: (Fault & { kind: 'truncate' })['as'], name: string): NamedFault {
  return once(name, hasBody, () => ({ kind: 'truncate', as }));
}

function answered(name: string, answer: Answer, fits: NamedFault['fits'] = any): NamedFault {
  return once(name, fits, () => ({ kind: 'answer', answer }));
}

/** What a server says that will be better in a moment; and what one says that will not. */
function passing(name: string, answer: Answer): readonly NamedFault[] {
  const harm = answered(name, answer);
  return [harm, { ...harm, name: `${name}, always`, times: 'always' }];
}

function redirected(name: string, to: string): NamedFault {
  return once(`redirect to ${name}`, any, (elsewhere) => ({
    kind: 'answer',
    answer: { status: 307, headers: { location: `${elsewhere}/${to}` }, body: Buffer.alloc(0) },
  }));
}

function early(answer: Answer): Fault {
  return { kind: 'answer', answer, early: true };
}

function spec(status: number, code: string, headers: Answer['headers'] = {}): Answer {
  const body = Buffer.from(JSON.stringify({ errors: [{ code, message: 'said by the proxy' }] }));
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}

function page(status: number): Answer {
  const body = Buffer.from('<!doctype html><title>Sign in to the network</title><p>Welcome');
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}
