import { annotationKeys } from '../../../src/oci/annotations';
import type { Descriptor } from '../../../src/oci/descriptor';
import { encodeImageManifest } from '../../../src/oci/manifest';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import { pushEmptyConfig } from './emptyConfig';
import { sampleAnnotations } from './sampleAnnotations';
import type { SampleRegistry } from './sampleRegistry';

const REPOSITORY = 'demo/hello';
const TEXT = 'Hello from an OCI registry.\nAny file can live here, next to the images.\n';
const SETTINGS = '{\n  "greeting": "Hello",\n  "language": "en",\n  "repeat": 3\n}\n';

/** Two plain files, as `oras push` writes them. */
export async function seedHello(registry: SampleRegistry): Promise<void> {
  const titled = async (title: string, content: string, mediaType: string): Promise<Descriptor> => ({
    ...(await registry.pushBlob(REPOSITORY, content, mediaType)),
    annotations: { [annotationKeys.title]: title },
  });
  const manifest = encodeImageManifest({
    artifactType: 'application/vnd.example.greeting.v1',
    config: await pushEmptyConfig(registry, REPOSITORY),
    layers: [
      await titled('hello.txt', TEXT, 'text/plain'),
      await titled('config/settings.json', SETTINGS, 'application/json'),
    ],
    annotations: sampleAnnotations('Hello', 'Two plain files: a greeting and its settings.', '1.0.0'),
  });
  await registry.pushManifest(REPOSITORY, manifest, {
    mediaType: mediaTypes.ociManifest,
    tags: ['1.0.0', 'latest'],
  });
}
