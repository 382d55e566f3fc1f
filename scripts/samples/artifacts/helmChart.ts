import { goJson, sortedMap } from '../../../src/oci/goJson';
import { orderedDescriptor } from '../../../src/oci/manifest';
import { mediaTypes } from '../../../src/oci/mediaTypes';
import { gzip, tarOf } from './packFiles';
import { sampleAnnotations } from './sampleAnnotations';
import type { SampleRegistry } from './sampleRegistry';

const NAME = 'podinfo-lite';
const REPOSITORY = `charts/${NAME}`;
const DESCRIPTION = 'A small web service that shows where it runs.';
const CONFIG_TYPE = 'application/vnd.cncf.helm.config.v1+json';
const CONTENT_TYPE = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';

const TEMPLATE = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  labels:
    app.kubernetes.io/name: {{ .Chart.Name }}
    app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels:
      app.kubernetes.io/instance: {{ .Release.Name }}
  template:
    metadata:
      labels:
        app.kubernetes.io/instance: {{ .Release.Name }}
    spec:
      containers:
        - name: web
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
          ports:
            - containerPort: {{ .Values.service.port }}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
`;

const SERVICE = `apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  selector:
    app.kubernetes.io/instance: {{ .Release.Name }}
  ports:
    - port: {{ .Values.service.port }}
`;

const VALUES = `replicas: 1
image:
  repository: registry.example.com/images/tiny
  tag: 1.0.0
service:
  port: 8080
resources:
  limits:
    memory: 64Mi
`;

const NOTES = `{{ .Release.Name }} answers on port {{ .Values.service.port }}.
`;

/** A chart as `helm push` writes it: config and content of Helm's types, layers without titles, no media type. */
export async function seedHelmChart(registry: SampleRegistry): Promise<void> {
  await pushChart(registry, { version: '0.1.0', appVersion: '1.0.0', values: VALUES });
  const values = VALUES.replace('replicas: 1', 'replicas: 2').replace('tag: 1.0.0', 'tag: 1.1.0');
  await pushChart(registry, { version: '0.2.0', appVersion: '1.1.0', values });
}

async function pushChart(
  registry: SampleRegistry,
  { version, appVersion, values }: Readonly<Record<'version' | 'appVersion' | 'values', string>>,
): Promise<void> {
  const metadata = {
    name: NAME,
    version,
    description: DESCRIPTION,
    apiVersion: 'v2',
    appVersion,
    type: 'application',
  };
  const chart = Object.entries(metadata).map(([key, value]) => `${key}: ${value}\n`);
  const files = {
    [`${NAME}/Chart.yaml`]: chart.join(''),
    [`${NAME}/values.yaml`]: values,
    [`${NAME}/README.md`]: `# ${NAME}\n\n${DESCRIPTION}\n`,
    [`${NAME}/templates/NOTES.txt`]: NOTES,
    [`${NAME}/templates/deployment.yaml`]: TEMPLATE,
    [`${NAME}/templates/service.yaml`]: SERVICE,
  };
  const config = await registry.pushBlob(REPOSITORY, goJson(metadata), CONFIG_TYPE);
  const content = await registry.pushBlob(REPOSITORY, gzip(tarOf(files)), CONTENT_TYPE);
  const manifest = goJson({
    schemaVersion: 2,
    config: orderedDescriptor(config),
    layers: [orderedDescriptor(content)],
    annotations: sortedMap(sampleAnnotations(NAME, DESCRIPTION, version)),
  });
  await registry.pushManifest(REPOSITORY, manifest, { mediaType: mediaTypes.ociManifest, tags: [version] });
}
