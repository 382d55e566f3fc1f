import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { peer } from './peers';

/** AWS's API as moto knows it: ECR with GetAuthorizationToken, Describe-, Create- and DeleteRepository. */
export interface MotoServer {
  /** For AWS_ENDPOINT_URL. */
  readonly url: string;
  /** Calls an ECR action past our own code; resolves with status and JSON answer. */
  call(action: string, input: object): Promise<{ status: number; body: Record<string, unknown> }>;
  stop(): Promise<void>;
}

/** The account whose registry moto has, and the region that tests use. */
export const motoAccount = '123456789012';
export const motoRegion = 'eu-west-1';

const START_TIMEOUT_MS = 60_000;

/** Starts moto's server on a free port of 127.0.0.1. It takes any keys, and its passwords end in 2015. */
export async function startMoto(): Promise<MotoServer> {
  const child = spawn(peer('moto'), ['-H', '127.0.0.1', '-p', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  };
  const url = await new Promise<string>((resolve, reject) => {
    const said: string[] = [];
    const fail = (reason: string) => reject(new Error(`moto ${reason}:\n${said.join('\n')}`));
    const timer = setTimeout(() => fail('did not start in time'), START_TIMEOUT_MS);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`ended with ${code}`));
    child.stdout.resume();
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (said.length < 50) said.push(line);
      const [, found] = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line) ?? [];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    });
  }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { url, stop, call: (action, input) => call(url, action, input) };
}

/** moto looks at the region of the signature, and at nothing else of it. */
async function call(url: string, action: string, input: object) {
  const scope = `AKIA/20250101/${motoRegion}/ecr/aws4_request`;
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-amz-json-1.1',
      'X-Amz-Target': `AmazonEC2ContainerRegistry_V20150921.${action}`,
      Authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
    },
    body: JSON.stringify(input),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
