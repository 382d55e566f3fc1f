import { validateHeaderName, validateHeaderValue } from 'node:http';
import net from 'node:net';
import { FileError, InvalidContentError } from '../oci/errors';
import type { Endpoint } from '../transport/transport';
import { ConnectionFiles, isKeyOf } from './connectionFiles';
import type { RegistrySettings } from './settings';

/** Settings are plain text and shared between machines: what signs in does not belong there, nor what frames a request. */
const REFUSED_HEADERS =
  /^(authorization|proxy-authorization|cookie|host|connection|transfer-encoding|user-agent|range|accept(-encoding)?|content-.*)$/i;

interface Pems {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

interface KnownEndpoint extends Pems {
  readonly settings: string;
  readonly endpoint: Endpoint;
}

/** Makes endpoints of settings, the same object until the settings or a file they name change. */
export class Endpoints {
  private readonly files = new ConnectionFiles();
  private readonly known = new Map<string, KnownEndpoint>();

  /** `caFile` is trusted for every registry. Errors: FileError naming the file, InvalidContentError naming the setting. */
  async endpointOf(entry: RegistrySettings, caFile?: string): Promise<Endpoint> {
    const settings = JSON.stringify(entry);
    const pems = await this.readPems(entry, caFile);
    const known = this.known.get(entry.host);
    if (known?.settings === settings && isSame(known, pems)) return known.endpoint;
    const endpoint = newEndpoint(entry, pems);
    this.known.set(entry.host, { ...pems, settings, endpoint });
    return endpoint;
  }

  private async readPems(entry: RegistrySettings, commonCaFile = ''): Promise<Pems> {
    const caFiles = [entry.caFile, commonCaFile].filter((name): name is string => Boolean(name));
    const ca = await Promise.all(caFiles.map((name) => this.files.read(name, 'CA file')));
    const { clientCert, clientKey = clientCert } = entry;
    return {
      ca: ca.join('\n'),
      ...(clientCert && { cert: await this.files.read(clientCert, 'client certificate') }),
      ...(clientCert && clientKey && { key: await this.files.read(clientKey, 'client key') }),
    };
  }
}

function isSame(known: Pems, { ca, cert, key }: Pems): boolean {
  return known.ca === ca && known.cert === cert && known.key === key;
}

function newEndpoint(entry: RegistrySettings, { ca, cert, key }: Pems): Endpoint {
  const { host, plainHttp, insecure, clientCert = '', clientKey = clientCert, headers, resolve } = entry;
  if (cert && key && !isKeyOf(key, cert))
    throw new FileError(clientKey, 'KEY_MISMATCH', `the client key does not belong to "${clientCert}"`);
  return {
    host,
    plainHttp: plainHttp ?? isLocalhost(host),
    insecure: insecure ?? false,
    ...(ca && { ca }),
    ...(cert && key && { clientCertificate: { cert, key } }),
    ...(headers && { headers: checkedHeaders(host, headers) }),
    ...(resolve && { resolve: parseResolve(host, resolve) }),
  };
}

/** `oras` speaks plain HTTP by default to exactly `localhost`, with any port. */
function isLocalhost(host: string): boolean {
  return /^localhost(?::\d+)?$/.test(host);
}

/** Values are never shown: they may be secrets. */
function checkedHeaders(host: string, headers: Readonly<Record<string, string>>): Record<string, string> {
  for (const [name, value] of Object.entries(headers)) {
    if (REFUSED_HEADERS.test(name)) {
      const reason = `${name} cannot be set there; settings are plain text, so sign in instead`;
      throw unusable(host, 'headers', isSignIn(name) ? reason : `${name} is set for each request`);
    }
    if (!isHeader(name, value))
      throw unusable(host, 'headers', `${JSON.stringify(name)} is not a valid header`);
  }
  return { ...headers };
}

function isSignIn(name: string): boolean {
  return /authorization|cookie/i.test(name);
}

function isHeader(name: string, value: unknown): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value as string);
    return typeof value === 'string';
  } catch {
    return false;
  }
}

/** `address` or `address:port`, an IPv6 address with a port in brackets. */
function parseResolve(host: string, text: string): NonNullable<Endpoint['resolve']> {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = net.isIPv6(text) ? text : (bracketed ?? plain ?? '');
  if (!net.isIP(address) || Number(port ?? 1) < 1 || Number(port ?? 1) > 65535)
    throw unusable(host, 'resolve', 'it is not an IP address, or one with a port');
  return { address, ...(port && { port: Number(port) }) };
}

function unusable(host: string, member: string, reason: string): InvalidContentError {
  const where = `ociArtifacts.registries${member === 'resolve' ? ' or ociArtifacts.machine' : ''}`;
  return new InvalidContentError(`The setting "${member}" of ${host} in ${where}`, reason);
}
