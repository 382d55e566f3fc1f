import type { Descriptor } from '../../../src/oci/descriptor';
import { digestOf } from '../../../src/oci/digest';

/** A registry that is filled over plain HTTP. */
export class SampleRegistry {
  /** `host[:port]`. */
  constructor(private readonly host: string) {}

  /** Pushes a blob and returns its descriptor. Errors: Error that names the request and the answer. */
  async pushBlob(repository: string, content: Uint8Array | string, mediaType: string): Promise<Descriptor> {
    const body = Buffer.from(content);
    const digest = digestOf(body);
    const uploads = `${this.url(repository)}/blobs/uploads/`;
    const begun = await this.send(uploads, { method: 'POST' }, 202);
    const location = new URL(begun.headers.get('location') ?? '', uploads);
    location.searchParams.set('digest', digest);
    const headers = { 'content-type': 'application/octet-stream' };
    await this.send(location.href, { method: 'PUT', body, headers }, 201);
    return { mediaType, digest, size: body.length };
  }

  /** Pushes a manifest under its tags, or under its digest alone, and returns its descriptor. */
  async pushManifest(
    repository: string,
    content: Uint8Array | string,
    { mediaType, tags = [] }: { readonly mediaType: string; readonly tags?: readonly string[] },
  ): Promise<Descriptor> {
    const body = Buffer.from(content);
    const digest = digestOf(body);
    for (const reference of tags.length > 0 ? tags : [digest]) {
      const headers = { 'content-type': mediaType };
      await this.send(
        `${this.url(repository)}/manifests/${reference}`,
        { method: 'PUT', body, headers },
        201,
      );
    }
    return { mediaType, digest, size: body.length };
  }

  private url(repository: string): string {
    return `http://${this.host}/v2/${repository}`;
  }

  private async send(url: string, init: RequestInit, expectedStatus: number): Promise<Response> {
    const response = await fetch(url, init);
    const text = await response.text();
    if (response.status === expectedStatus) return response;
    throw new Error(`${init.method ?? 'GET'} ${url} answered ${response.status}: ${text}`);
  }
}
