/** The kinds of things that are exchanged, in the order of the table, each with its name there. */
export const kindNames = {
  file: 'one file',
  files: 'several files',
  folder: 'a folder',
  index: 'an index of two platforms',
  chart: 'a Helm chart',
  sif: 'a Singularity image',
  attached: 'a signature and an SBOM, attached',
  copy: 'a copy with referrers',
  layout: 'an OCI layout',
} as const;

export type Kind = keyof typeof kindNames;

export const kinds = Object.keys(kindNames) as Kind[];
